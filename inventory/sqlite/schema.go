package sqlite

import (
	"context"
	"database/sql"
)

// migrations lead from an empty file to the newest form, one each. The number
// of those that were applied is kept as user_version. A migration that was ever
// released does not change any more.
//
// Times are Unix milliseconds. The figures of a service are kept three times:
// its totals, its facets (one row for each user, model, detector ... ever seen
// with it) and who used what on which day; lists are read from the first two
// only, which stay small.
var migrations = []string{`
CREATE TABLE sightings (
	id   TEXT PRIMARY KEY, -- sorts by time: see traffic.NewID
	data TEXT NOT NULL     -- inventory.Event as JSON
) WITHOUT ROWID, STRICT;

CREATE TABLE services (
	id       TEXT PRIMARY KEY,
	name     TEXT NOT NULL,
	vendor   TEXT NOT NULL,
	category TEXT NOT NULL,
	how      TEXT NOT NULL,
	features TEXT NOT NULL, -- JSON list
	n        INTEGER NOT NULL,
	up       INTEGER NOT NULL,
	down     INTEGER NOT NULL,
	first    INTEGER NOT NULL,
	last     INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE facets (
	service TEXT NOT NULL,
	kind    TEXT NOT NULL,
	name    TEXT NOT NULL,
	n       INTEGER NOT NULL,
	up      INTEGER NOT NULL,
	down    INTEGER NOT NULL,
	first   INTEGER NOT NULL,
	last    INTEGER NOT NULL,
	PRIMARY KEY (service, kind, name)
) WITHOUT ROWID, STRICT;

CREATE TABLE usage (
	day      INTEGER NOT NULL, -- since 1970-01-01
	service  TEXT NOT NULL,
	account  TEXT NOT NULL,
	user     TEXT NOT NULL,
	client   TEXT NOT NULL,
	model    TEXT NOT NULL,
	n        INTEGER NOT NULL,
	up       INTEGER NOT NULL,
	down     INTEGER NOT NULL,
	first    INTEGER NOT NULL,
	last     INTEGER NOT NULL,
	findings INTEGER NOT NULL,
	altered  INTEGER NOT NULL,
	blocked  INTEGER NOT NULL,
	PRIMARY KEY (day, service, account, user, client, model)
) WITHOUT ROWID, STRICT;

CREATE TABLE people (
	id     TEXT PRIMARY KEY, -- pseudonym
	sealed BLOB NOT NULL     -- name, encrypted under a key that is not here
) WITHOUT ROWID, STRICT;

CREATE TABLE decisions (
	seq        INTEGER PRIMARY KEY AUTOINCREMENT,
	time       INTEGER NOT NULL,
	service    TEXT NOT NULL,
	status     TEXT NOT NULL,
	owner      TEXT NOT NULL,
	reason     TEXT NOT NULL,
	conditions TEXT NOT NULL, -- JSON list
	until      TEXT NOT NULL, -- YYYY-MM-DD or empty
	by         TEXT NOT NULL
) STRICT;
CREATE INDEX decisions_service ON decisions (service, seq);

-- Decisions are evidence: they are added, never changed.
CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are never changed'); END;
CREATE TRIGGER decisions_last BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are never deleted'); END;
`, `
-- How many users, models ... a service has, so that lists need not count them.
CREATE TABLE sizes (
	service TEXT NOT NULL,
	kind    TEXT NOT NULL,
	n       INTEGER NOT NULL,
	PRIMARY KEY (service, kind)
) WITHOUT ROWID, STRICT;
INSERT INTO sizes (service, kind, n) SELECT service, kind, count(*) FROM facets GROUP BY service, kind;

CREATE TRIGGER facets_more AFTER INSERT ON facets
BEGIN INSERT INTO sizes (service, kind, n) VALUES (new.service, new.kind, 1) ON CONFLICT DO UPDATE SET n = n + 1; END;
CREATE TRIGGER facets_less AFTER DELETE ON facets
BEGIN UPDATE sizes SET n = n - 1 WHERE service = old.service AND kind = old.kind; END;

-- The few facets that lists show one by one.
CREATE INDEX facets_tally ON facets (service, kind, name, n) WHERE kind IN ('class', 'action', 'coverage');
`, `
-- A row for a batch, not for each sighting: writing them one by one took most of
-- the time of a merge.
DROP TABLE sightings;
CREATE TABLE sightings (
	seq  INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice: see counted
	span INTEGER NOT NULL, -- of time, that all their IDs are of: see pack.SpanBits
	ids  BLOB NOT NULL,    -- their keys, 16 bytes each
	data BLOB NOT NULL     -- inventory.Events as pack.Packer writes them
) STRICT;
CREATE INDEX sightings_span ON sightings (span);

-- The last row that services, facets and usage hold: see Store.Settle.
CREATE TABLE counted (seq INTEGER NOT NULL) STRICT;
INSERT INTO counted (seq) VALUES (0);
`, `
-- What hid the traffic of clients: no use of AI, and no service.
CREATE TABLE blind (
	reason TEXT NOT NULL,
	name   TEXT NOT NULL,
	client TEXT NOT NULL, -- pseudonym
	n      INTEGER NOT NULL,
	first  INTEGER NOT NULL,
	last   INTEGER NOT NULL,
	PRIMARY KEY (reason, name, client)
) WITHOUT ROWID, STRICT;
`, `
-- Everything that is put on record: inventory/ledger says what an entry is.
CREATE TABLE ledger (
	seq     INTEGER PRIMARY KEY,
	time    INTEGER NOT NULL,
	kind    TEXT NOT NULL,
	subject TEXT NOT NULL,
	by      TEXT NOT NULL,
	data    TEXT NOT NULL,
	prev    BLOB NOT NULL,
	hash    BLOB NOT NULL
) STRICT;
CREATE TRIGGER ledger_stays BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is never changed'); END;
CREATE TRIGGER ledger_lasts BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'nothing in the ledger is deleted'); END;

-- Each row of sightings holds the hash of the chain up to it, chain that of the
-- last one that was ever written.
ALTER TABLE sightings ADD COLUMN merged INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sightings ADD COLUMN chain BLOB NOT NULL DEFAULT x'';
CREATE TABLE chain (hash BLOB NOT NULL) STRICT;

-- What was seen with a service on a day.
CREATE TABLE days (
	day     INTEGER NOT NULL, -- since 1970-01-01
	service TEXT NOT NULL,
	kind    TEXT NOT NULL,
	name    TEXT NOT NULL,
	n       INTEGER NOT NULL,
	up      INTEGER NOT NULL,
	down    INTEGER NOT NULL,
	first   INTEGER NOT NULL,
	last    INTEGER NOT NULL,
	PRIMARY KEY (day, service, kind, name)
) WITHOUT ROWID, STRICT;

CREATE TABLE hours (
	hour     INTEGER NOT NULL, -- since 1970-01-01T00
	service  TEXT NOT NULL,
	n        INTEGER NOT NULL,
	up       INTEGER NOT NULL,
	down     INTEGER NOT NULL,
	first    INTEGER NOT NULL,
	last     INTEGER NOT NULL,
	findings INTEGER NOT NULL,
	altered  INTEGER NOT NULL,
	blocked  INTEGER NOT NULL,
	PRIMARY KEY (hour, service)
) WITHOUT ROWID, STRICT;

CREATE TRIGGER sizes_none AFTER UPDATE ON sizes WHEN new.n <= 0
BEGIN DELETE FROM sizes WHERE service = new.service AND kind = new.kind; END;

-- Facets are of services and of other subjects (inventory.Of), whose totals are
-- listed.
ALTER TABLE facets RENAME COLUMN service TO subject;
ALTER TABLE sizes RENAME COLUMN service TO subject;
CREATE INDEX facets_total ON facets (subject, n, up, down, first, last) WHERE kind = 'total';
DROP INDEX facets_tally;
CREATE INDEX facets_tally ON facets (subject, kind, name, n) WHERE kind IN ('class', 'action', 'coverage') AND (instr(subject, '=') = 0 OR substr(subject, 1, 8) = 'unknown:');
`, `
-- Requests with findings, and how many of them were altered or blocked.
ALTER TABLE usage ADD COLUMN sensitive INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage ADD COLUMN handled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE hours ADD COLUMN sensitive INTEGER NOT NULL DEFAULT 0;
ALTER TABLE hours ADD COLUMN handled INTEGER NOT NULL DEFAULT 0;
`, `
-- A count that is under way: see progress.
ALTER TABLE counted ADD COLUMN until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE counted ADD COLUMN done INTEGER NOT NULL DEFAULT 0;
`, `
-- What lists show of a service, so that they need not read its facets: see
-- summarise.
ALTER TABLE services ADD COLUMN summary TEXT NOT NULL DEFAULT '';
DROP INDEX facets_tally;
`, `
-- How often the figures of a day have changed (usage, days), and of how many at
-- once nobody knows: see Store.Marks. The days are found without a look at each
-- row.
CREATE TABLE marks (
	day INTEGER PRIMARY KEY, -- since 1970-01-01; it stays when its figures are deleted
	n   INTEGER NOT NULL
) STRICT;
ALTER TABLE counted ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
WITH RECURSIVE
	used(day) AS (SELECT min(day) FROM usage UNION ALL SELECT (SELECT min(day) FROM usage WHERE day > used.day) FROM used WHERE day IS NOT NULL),
	seen(day) AS (SELECT min(day) FROM days UNION ALL SELECT (SELECT min(day) FROM days WHERE day > seen.day) FROM seen WHERE day IS NOT NULL)
INSERT INTO marks (day, n) SELECT day, 1 FROM used WHERE day IS NOT NULL UNION SELECT day, 1 FROM seen WHERE day IS NOT NULL;
`}

// steps are what SQL alone can't do, after the migration of that number.
var steps = map[int]func(ctx context.Context, tx *sql.Tx) error{5: chainUp, 8: summariseAll}
