import { memoryLog } from '../../src/log/memory.ts'
import { logContract } from './contract.ts'

logContract('in memory', memoryLog)
