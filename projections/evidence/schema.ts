import { widely } from './sharing.ts'

/** What was observed and what operators decided, so that any of it can be asked as of any position. */
export const schema = /* sql */ `
  CREATE TABLE observations (
    position INTEGER PRIMARY KEY,
    email INTEGER NOT NULL,
    phone_number INTEGER NOT NULL,
    contact INTEGER,
    observed_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    -- Whether its values had been observed together before. If not, their pair tells its position.
    repeats INTEGER NOT NULL CHECK (repeats IN (0, 1)),
    -- The position of the decision that retracted it.
    retracted INTEGER
  ) STRICT;
  CREATE INDEX observations_repeating ON observations (email, phone_number) WHERE repeats = 1;
  CREATE INDEX observations_retracted ON observations (email, phone_number)
  WHERE retracted IS NOT NULL;

  -- Values that were ever observed together, 0 for none. Most observations repeat such a pair, so
  -- its row tells only what a repetition leaves alone: the position of the first live observation of
  -- exactly these values, 0 when there is none; and that of the first one of all, null where it is the
  -- same.
  CREATE TABLE pairs (
    email INTEGER NOT NULL,
    phone_number INTEGER NOT NULL,
    first INTEGER NOT NULL,
    earliest INTEGER,
    PRIMARY KEY (email, phone_number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX pairs_by_phone ON pairs (phone_number);

  -- The observations of each pair, found by it or by the index of those that repeat one.
  CREATE VIEW sightings AS
  SELECT email, phone_number, coalesce(earliest, first) AS position
  FROM pairs
  UNION ALL
  SELECT email, phone_number, position
  FROM observations
  WHERE repeats = 1;

  -- With how many others live observations show an identifier, forbidden links apart, where these are
  -- many. Most have few, which are soon counted: a row for each would change a page at random whenever
  -- one more comes.
  CREATE TABLE sharing (
    identifier INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    others INTEGER NOT NULL CHECK (others >= ${widely})
  ) STRICT;
  CREATE INDEX sharing_by_others ON sharing (kind, others);

  CREATE TABLE decisions (
    position INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    -- The identifiers or the observation that it is about.
    one INTEGER,
    other INTEGER,
    observation INTEGER,
    kind TEXT,
    sharing_limit INTEGER
  ) STRICT;
  CREATE INDEX decisions_by_one ON decisions (one) WHERE one IS NOT NULL;
  CREATE INDEX decisions_by_other ON decisions (other) WHERE other IS NOT NULL;
  CREATE INDEX decisions_by_kind ON decisions (kind) WHERE kind IS NOT NULL;
  CREATE INDEX decisions_by_observation ON decisions (observation) WHERE observation IS NOT NULL;

  -- What holds of a link by decision, a row for each of its ends.
  CREATE TABLE rulings (
    one INTEGER NOT NULL,
    other INTEGER NOT NULL,
    forbidden INTEGER NOT NULL,
    allowed_since INTEGER NOT NULL,
    asserted INTEGER NOT NULL,
    PRIMARY KEY (one, other)
  ) STRICT, WITHOUT ROWID;

  -- When identifiers ceased to be able to link, and when they began again.
  CREATE TABLE abilities (
    identifier INTEGER NOT NULL,
    position INTEGER NOT NULL,
    able INTEGER NOT NULL,
    PRIMARY KEY (identifier, position)
  ) STRICT, WITHOUT ROWID;
`
