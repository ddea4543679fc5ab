import { writeFileSync } from 'node:fs'

// Loaded into a program that is measured: tells at its end the most memory that it had, in KiB.
const { PEAK_FILE: file } = process.env
if (file !== undefined) {
  process.once('exit', () => writeFileSync(file, String(process.resourceUsage().maxRSS)))
}
