import { emailBit, phoneBit } from '../value-bits.ts'

/**
 * Contacts, identifiers, the forest of merges, and the lineage.
 *
 * A contact and an identifier stand at a node of the forest. When two identities merge, the forest
 * gets one edge, and nobody in them is touched, however many they are. A node that is a contact's id
 * is an identity that began with that contact, and has no row in the forest until it merges. What a
 * decision reshapes stands at nodes of its own from then on, the negative numbers of identifiers.
 * Linked ids are derived from the root of the forest; the view `contacts` does so for plain SQL.
 */
export const schema = /* sql */ `
  CREATE TABLE minted (
    id INTEGER PRIMARY KEY,
    email INTEGER NOT NULL,
    phone_number INTEGER NOT NULL,
    -- Which of them it brought to its identity: ${emailBit} for the email, ${phoneBit} for the phone.
    introduced INTEGER NOT NULL,
    node INTEGER NOT NULL,
    position INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    -- What was so of it when it last came to be otherwise than its edges tell, at which position;
    -- edges since then come on top.
    settled INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    withdrawn_at INTEGER,
    -- Which of its values its identity does not list: ${emailBit} for the email, ${phoneBit} for
    -- the phone.
    hidden INTEGER NOT NULL DEFAULT 0,
    -- Whether the observation that minted it was retracted.
    retracted INTEGER NOT NULL DEFAULT 0,
    CHECK (email > 0 OR phone_number > 0)
  ) STRICT;
  CREATE INDEX minted_by_node ON minted (node);
  CREATE INDEX minted_by_values ON minted (email, phone_number);

  -- What was so of contacts whenever it came to be otherwise than their edges tell.
  CREATE TABLE settlements (
    contact INTEGER NOT NULL,
    position INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    withdrawn_at INTEGER,
    PRIMARY KEY (contact, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE identifiers (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    node INTEGER NOT NULL,
    -- The position at which it came to its node; 0 when the node is its own.
    came INTEGER NOT NULL,
    -- Whether it can link and its identity lists it.
    plain INTEGER NOT NULL DEFAULT 1,
    -- Whether any of its links is forbidden.
    contested INTEGER NOT NULL DEFAULT 0,
    blocked INTEGER NOT NULL DEFAULT 0,
    able_since INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE UNIQUE INDEX identifiers_by_value ON identifiers (value, kind);

  CREATE TABLE merge_forest (
    node INTEGER PRIMARY KEY,
    parent INTEGER,
    joined INTEGER,
    joined_at INTEGER,
    rank INTEGER NOT NULL,
    -- The oldest live contact, at a root.
    oldest INTEGER,
    -- Whether it hides anything that a merge could show again, at a root.
    hides INTEGER NOT NULL
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
  CREATE INDEX merges_by_absorbed ON merges (absorbed);
  CREATE INDEX merges_by_survivor ON merges (survivor);

  -- One row for each contact that was parted from its identity.
  CREATE TABLE splits (
    cause INTEGER NOT NULL,
    contact INTEGER NOT NULL,
    identity INTEGER NOT NULL,
    primary_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (cause, contact)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX splits_by_contact ON splits (contact);
  CREATE INDEX splits_by_identity ON splits (identity);

  -- Every contact with the primary of its identity: the oldest live contact at the root of its tree.
  CREATE VIEW rooted AS
  SELECT
    minted.*,
    CASE WHEN EXISTS (SELECT 1 FROM merge_forest WHERE node = minted.node)
    THEN (
      WITH RECURSIVE up (parent, oldest) AS (
        SELECT parent, oldest
        FROM merge_forest
        WHERE node = minted.node
        UNION ALL
        SELECT above.parent, above.oldest
        FROM up
        JOIN merge_forest AS above ON above.node = up.parent
      )
      SELECT oldest FROM up WHERE parent IS NULL
    )
    ELSE minted.node END AS primary_id
  FROM minted;

  -- Contacts as the fold has them. A contact was last linked when its node came to its primary's: of
  -- two walkers towards the root, the one before the earlier edge takes it until they meet; the last
  -- edge taken is the one that joined them.
  CREATE VIEW linked AS
  SELECT
    mine.id,
    mine.email,
    mine.phone_number,
    nullif(mine.primary_id, mine.id) AS linked_id,
    mine.created_at,
    coalesce((
      WITH RECURSIVE walk (a, b, joined, joined_at) AS (
        SELECT mine.node, elder.node, 0, NULL
        UNION ALL
        SELECT
          iif(coalesce(x.joined < y.joined, y.joined IS NULL), x.parent, walk.a),
          iif(coalesce(x.joined < y.joined, y.joined IS NULL), walk.b, y.parent),
          iif(coalesce(x.joined < y.joined, y.joined IS NULL), x.joined, y.joined),
          iif(coalesce(x.joined < y.joined, y.joined IS NULL), x.joined_at, y.joined_at)
        FROM walk
        JOIN merge_forest AS x ON x.node = walk.a
        JOIN merge_forest AS y ON y.node = walk.b
        WHERE walk.a <> walk.b
      )
      SELECT max(mine.created_at, joined_at) FROM walk WHERE a = b AND joined > mine.settled
    ), mine.updated_at) AS updated_at,
    mine.withdrawn_at
  FROM rooted AS mine
  LEFT JOIN minted AS elder ON elder.id = mine.primary_id;

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
    strftime('%Y-%m-%dT%H:%M:%fZ', linked.withdrawn_at / 1000.0, 'unixepoch') AS deletedAt
  FROM linked
  LEFT JOIN identifiers AS email ON email.number = linked.email
  LEFT JOIN identifiers AS phone ON phone.number = linked.phone_number;
`
