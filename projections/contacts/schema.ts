/**
 * Contacts, the identifiers that they introduced, and the forest of merges.
 *
 * A contact belongs for good to the identity that it was minted into (`identity`, named by the id
 * of its first contact). When two identities merge, the forest gets one edge, and no contact is
 * touched, however many there are. An identity that never merged has no row in the forest. Linked
 * ids are derived from the root of the forest; the view `contacts` does so for plain SQL.
 */
export const schema = /* sql */ `
  CREATE TABLE minted (
    id INTEGER PRIMARY KEY,
    email INTEGER,
    phone_number INTEGER,
    identity INTEGER NOT NULL,
    position INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    CHECK (email IS NOT NULL OR phone_number IS NOT NULL)
  ) STRICT;
  CREATE INDEX minted_by_identity ON minted (identity);

  CREATE TABLE identifiers (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    introduced_by INTEGER NOT NULL REFERENCES minted (id),
    UNIQUE (value, kind)
  ) STRICT;

  CREATE TABLE merge_forest (
    identity INTEGER PRIMARY KEY,
    parent INTEGER,
    joined INTEGER,
    joined_at INTEGER,
    rank INTEGER NOT NULL,
    oldest INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX merge_forest_by_parent ON merge_forest (parent) WHERE parent IS NOT NULL;

  CREATE TABLE merges (
    cause INTEGER NOT NULL,
    absorbed INTEGER NOT NULL,
    survivor INTEGER NOT NULL,
    position INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (cause, absorbed)
  ) STRICT, WITHOUT ROWID;

  -- Every contact with the primary of its identity: the oldest contact at the root of its tree.
  CREATE VIEW rooted AS
  SELECT
    minted.*,
    coalesce((
      WITH RECURSIVE up (parent, oldest) AS (
        SELECT parent, oldest
        FROM merge_forest
        WHERE identity = minted.identity
        UNION ALL
        SELECT above.parent, above.oldest
        FROM up
        JOIN merge_forest AS above ON above.identity = up.parent
      )
      SELECT oldest FROM up WHERE parent IS NULL
    ), minted.identity) AS primary_id
  FROM minted;

  -- Contacts as the fold has them. A contact was last linked when its identity came to its
  -- primary's: of two walkers towards the root, the one before the earlier edge takes it until they
  -- meet; the last edge taken is the one that joined them.
  CREATE VIEW linked AS
  SELECT
    mine.id,
    mine.email,
    mine.phone_number,
    nullif(mine.primary_id, mine.id) AS linked_id,
    mine.created_at,
    max(mine.created_at, coalesce((
      WITH RECURSIVE walk (a, b, joined, joined_at) AS (
        SELECT mine.identity, elder.identity, 0, NULL
        UNION ALL
        SELECT
          iif(coalesce(x.joined < y.joined, y.joined IS NULL), x.parent, walk.a),
          iif(coalesce(x.joined < y.joined, y.joined IS NULL), walk.b, y.parent),
          iif(coalesce(x.joined < y.joined, y.joined IS NULL), x.joined, y.joined),
          iif(coalesce(x.joined < y.joined, y.joined IS NULL), x.joined_at, y.joined_at)
        FROM walk
        JOIN merge_forest AS x ON x.identity = walk.a
        JOIN merge_forest AS y ON y.identity = walk.b
        WHERE walk.a <> walk.b
      )
      SELECT joined_at FROM walk WHERE a = b AND joined > mine.position
    ), mine.created_at)) AS updated_at,
    NULL AS deleted_at
  FROM rooted AS mine
  JOIN minted AS elder ON elder.id = mine.primary_id;

  -- The table of the statement.
  CREATE VIEW contacts AS
  SELECT
    linked.id,
    phone.value AS phoneNumber,
    email.value AS email,
    linked.linked_id AS linkedId,
    iif(linked.linked_id IS NULL, 'primary', 'secondary') AS linkPrecedence,
    strftime('%Y-%m-%dT%H:%M:%fZ', linked.created_at / 1000.0, 'unixepoch') AS createdAt,
    strftime('%Y-%m-%dT%H:%M:%fZ', linked.updated_at / 1000.0, 'unixepoch') AS updatedAt,
    strftime('%Y-%m-%dT%H:%M:%fZ', linked.deleted_at / 1000.0, 'unixepoch') AS deletedAt
  FROM linked
  LEFT JOIN identifiers AS email ON email.number = linked.email
  LEFT JOIN identifiers AS phone ON phone.number = linked.phone_number;
`
