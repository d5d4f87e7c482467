-- Scripts of tests/migration/schema_server_test.cpp: each starts on an empty database. A statement with the comment
-- fails in it must fail on the server and leave the state alone.

-- script: renames
CREATE TABLE orders (id bigserial PRIMARY KEY, total int CHECK (total > 0), email text UNIQUE, a int, b int, UNIQUE (a, b));
CREATE INDEX ON orders (a, b);
ALTER TABLE orders RENAME COLUMN a TO aa;
ALTER TABLE orders RENAME TO purchases;
CREATE TABLE orders (id bigserial PRIMARY KEY, total int CHECK (total > 0), email text UNIQUE);
ALTER TABLE purchases RENAME CONSTRAINT orders_email_key TO mail_once;
ALTER INDEX orders_a_b_idx RENAME TO by_pair;
ALTER SEQUENCE orders_id_seq RENAME TO purchase_numbers;
ALTER TABLE purchases ADD COLUMN n serial;
CREATE TABLE purchases2 (LIKE purchases INCLUDING ALL);
ALTER TABLE orders RENAME CONSTRAINT orders_total_check1 TO positive;
ALTER TABLE orders ADD CHECK (total > 1);
ALTER TABLE orders /* fails */ RENAME TO purchases;
ALTER TABLE IF EXISTS nowhere RENAME TO somewhere;
ALTER TABLE IF EXISTS nowhere RENAME COLUMN a TO b;
ALTER INDEX IF EXISTS nowhere RENAME TO somewhere;

-- script: schemas and search_path
CREATE SCHEMA app;
CREATE SCHEMA other;
SET search_path = app, public;
CREATE TABLE t (id serial PRIMARY KEY, v text CHECK (v <> ''));
CREATE TABLE public.t (id int);
CREATE INDEX ON t (v);
ALTER TABLE t SET SCHEMA other;
CREATE TABLE t (id serial PRIMARY KEY, v text CHECK (v <> ''));
SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.u (id int REFERENCES app.t);
SET search_path TO other;
ALTER TABLE t ADD COLUMN w int;
CREATE TYPE mood AS ENUM ('a', 'b');
ALTER TABLE t ADD COLUMN m mood;
RESET search_path;
ALTER SCHEMA other RENAME TO another;
ALTER TABLE another.t ADD UNIQUE (w);
CREATE TABLE t2 (m another.mood, ms another.mood[]);
ALTER TYPE another.mood SET SCHEMA app;
CREATE SCHEMA later CREATE TABLE one (id int PRIMARY KEY) CREATE VIEW v AS SELECT id FROM one;
DROP SCHEMA /* fails */ app;
DROP SCHEMA later CASCADE;
CREATE SCHEMA gone CREATE TABLE x (id int PRIMARY KEY);
CREATE TABLE refers (id int REFERENCES gone.x);
DROP SCHEMA gone CASCADE;

-- script: cascade
CREATE TABLE p (id int PRIMARY KEY, a int, b int UNIQUE);
CREATE TABLE c (id int REFERENCES p, b int REFERENCES p (b));
CREATE VIEW v AS SELECT a FROM p;
CREATE VIEW vv AS SELECT * FROM v;
DROP TABLE /* fails */ p;
ALTER TABLE p /* fails */ DROP COLUMN a;
ALTER TABLE p /* fails */ DROP COLUMN id;
ALTER TABLE p /* fails */ DROP CONSTRAINT p_pkey;
ALTER TABLE p DROP CONSTRAINT p_b_key CASCADE;
ALTER TABLE p DROP COLUMN a CASCADE;
DROP TABLE p, c;
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE c (id int REFERENCES p);
CREATE MATERIALIZED VIEW m AS SELECT id FROM p;
CREATE INDEX ON m (id);
DROP TABLE p CASCADE;
CREATE TABLE selfish (id int PRIMARY KEY, parent int REFERENCES selfish);
ALTER TABLE selfish /* fails */ DROP COLUMN id;
ALTER TABLE selfish DROP COLUMN parent;
ALTER TABLE selfish DROP COLUMN id;

-- script: columns that others stand on
CREATE TABLE t (id int, a int, b int, CHECK (a > b), CHECK (b > 0));
CREATE INDEX ti ON t (lower(a::text));
CREATE INDEX tp ON t (id) WHERE b > 0;
CREATE INDEX tn ON t (id) INCLUDE (b);
ALTER TABLE t DROP COLUMN a;
ALTER TABLE t DROP COLUMN b;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
ALTER TABLE t ADD COLUMN d int;
CREATE TRIGGER tr BEFORE UPDATE OF d ON t FOR EACH ROW EXECUTE FUNCTION f();
ALTER TABLE t /* fails */ DROP COLUMN d;
ALTER TABLE t DROP COLUMN d CASCADE;
ALTER TABLE t ADD COLUMN e int;
CREATE POLICY po ON t USING (e > 0);
ALTER TABLE t /* fails */ DROP COLUMN e;
DROP POLICY po ON t;
ALTER TABLE t DROP COLUMN e;

-- script: generated columns since 15
CREATE TABLE t (a int, c int GENERATED ALWAYS AS (a + 1) STORED);
ALTER TABLE t /* fails */ DROP COLUMN a;
ALTER TABLE t DROP COLUMN a CASCADE;

-- script: like
CREATE TABLE src (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, s serial, a int NOT NULL DEFAULT 1 CHECK (a > 0),
  g int GENERATED ALWAYS AS (a * 2) STORED, t text COLLATE "C" UNIQUE, CONSTRAINT pair UNIQUE (a, t), EXCLUDE (s WITH =));
CREATE INDEX by_low ON src (lower(t), a) WHERE a > 5;
CREATE TABLE plain (LIKE src);
CREATE TABLE whole (x int, LIKE src INCLUDING ALL, y int);
CREATE TABLE few (LIKE src INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
CREATE TABLE ids (LIKE src INCLUDING IDENTITY INCLUDING INDEXES);
CREATE TABLE no_ix (LIKE src INCLUDING ALL EXCLUDING INDEXES, UNIQUE (a));
ALTER TABLE src RENAME COLUMN a TO aa;
CREATE TABLE after_rename (LIKE src INCLUDING ALL);
DROP TABLE src CASCADE;

-- script: inheritance
CREATE TABLE a (id int NOT NULL, x int CHECK (x > 0), y int DEFAULT 3);
CREATE TABLE b (id int, z text);
CREATE TABLE c (own int, x int) INHERITS (a, b);
ALTER TABLE a ADD COLUMN later int NOT NULL DEFAULT 1;
ALTER TABLE a ADD CONSTRAINT later_check CHECK (later > 0);
ALTER TABLE a ADD CONSTRAINT mine CHECK (later > 1) NO INHERIT;
ALTER TABLE ONLY a ALTER COLUMN y DROP DEFAULT;
ALTER TABLE a ALTER COLUMN y SET NOT NULL;
ALTER TABLE a ALTER COLUMN x TYPE bigint;
ALTER TABLE a RENAME COLUMN y TO yy;
ALTER TABLE a RENAME CONSTRAINT later_check TO later_positive;
ALTER TABLE c /* fails */ DROP COLUMN yy;
ALTER TABLE c /* fails */ DROP CONSTRAINT later_positive;
ALTER TABLE b DROP COLUMN id;
ALTER TABLE a DROP COLUMN x;
ALTER TABLE a DROP CONSTRAINT later_positive;
CREATE TABLE d (id int NOT NULL, later int NOT NULL, yy int NOT NULL);
ALTER TABLE d INHERIT a;
ALTER TABLE a DROP COLUMN later;
ALTER TABLE d NO INHERIT a;
ALTER TABLE a DROP COLUMN yy;
DROP TABLE /* fails */ a;
DROP TABLE a CASCADE;

-- script: partitions
CREATE TABLE p (id int, d date NOT NULL, v text DEFAULT 'x') PARTITION BY RANGE (d);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE INDEX p_v ON p (v);
CREATE INDEX ON p (id, d);
ALTER TABLE p ADD PRIMARY KEY (id, d);
CREATE TABLE p2 PARTITION OF p (v DEFAULT 'y', CHECK (id > 0)) FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE p3 (v text DEFAULT 'x', id int NOT NULL, d date NOT NULL);
CREATE INDEX p3_own ON p3 (v);
ALTER TABLE p ATTACH PARTITION p3 DEFAULT;
ALTER TABLE p ADD COLUMN w int CHECK (w > 0);
ALTER TABLE p ADD CONSTRAINT u UNIQUE (d, v);
CREATE TABLE r (id int PRIMARY KEY);
ALTER TABLE p ADD FOREIGN KEY (id) REFERENCES r;
CREATE TABLE p4 PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY RANGE (d);
CREATE TABLE p4a PARTITION OF p4 FOR VALUES FROM ('2026-01-01') TO ('2026-06-01');
ALTER TABLE p DETACH PARTITION p1;
ALTER TABLE p DROP COLUMN w;
DROP INDEX /* fails */ p2_v_idx;
DROP INDEX p_v;
ALTER TABLE p RENAME COLUMN id TO ident;
CREATE INDEX p_new ON p (ident);
ALTER TABLE p2 /* fails */ DROP COLUMN v;
DROP TABLE p2;
CREATE TABLE f (x int, y date, FOREIGN KEY (x, y) REFERENCES p);
ALTER TABLE p4 ADD CONSTRAINT p4c CHECK (ident <> 3);

-- script: partitioned indexes as pg_dump writes them
CREATE TABLE p (id int NOT NULL, d int NOT NULL) PARTITION BY LIST (d);
CREATE TABLE p1 (id int NOT NULL, d int NOT NULL);
ALTER TABLE ONLY p ATTACH PARTITION p1 FOR VALUES IN (1);
ALTER TABLE ONLY p ADD CONSTRAINT p_pkey PRIMARY KEY (id, d);
ALTER TABLE ONLY p1 ADD CONSTRAINT p1_pkey PRIMARY KEY (id, d);
CREATE INDEX p_d ON ONLY p USING btree (d);
CREATE INDEX p1_d ON p1 USING btree (d);
ALTER INDEX p_pkey ATTACH PARTITION p1_pkey;
CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2);
ALTER INDEX p_d ATTACH PARTITION p1_d;
CREATE INDEX p_unready ON ONLY p (id);

-- script: queries
CREATE TABLE t (id int PRIMARY KEY, v varchar(20) NOT NULL, n numeric(10,2), at timestamptz, tags text[], j jsonb);
CREATE TABLE u (id int, t_id int REFERENCES t, w text, flag boolean DEFAULT true);
CREATE TABLE copy1 AS SELECT * FROM t;
CREATE TABLE copy2 (a, b) AS SELECT id, v FROM t WITH NO DATA;
CREATE TABLE copy3 AS SELECT t.id, u.w AS label, count(*) AS n, max(t.n) AS top, now() AS made, 1 AS one, 'x' AS txt,
  t.n::bigint AS whole, coalesce(w, 'none'), t.id > 3 AS big, sum(t.id) FROM t JOIN u ON u.t_id = t.id GROUP BY t.id, u.w, t.n, now();
CREATE VIEW v1 AS SELECT t.*, u.w FROM t LEFT JOIN u USING (id);
CREATE VIEW v2 AS SELECT * FROM t JOIN u USING (id);
CREATE VIEW v3 (x, y) AS WITH c AS (SELECT id, v FROM t) SELECT c.id, upper(c.v) FROM c;
CREATE VIEW v4 AS SELECT id, CASE WHEN flag THEN w END, EXISTS (SELECT 1 FROM t), ARRAY[1, 2], current_date,
  (SELECT max(v) FROM t), row_number() OVER (ORDER BY id), j ->> 'a' AS a FROM (SELECT u.*, j FROM u, t) AS s;
CREATE VIEW v5 AS SELECT id FROM t UNION ALL SELECT t_id FROM u;
CREATE VIEW v6 AS VALUES (1, 'a'), (2, 'b');
CREATE OR REPLACE VIEW v5 AS SELECT id, id::text AS more FROM t;
CREATE MATERIALIZED VIEW mv AS SELECT t_id, count(*) AS uses FROM u GROUP BY t_id;
CREATE UNIQUE INDEX ON mv (t_id);
SELECT id, v INTO copy4 FROM t;
CREATE TABLE IF NOT EXISTS copy1 AS SELECT 1 AS other;
CREATE TABLE copy5 AS TABLE u;
ALTER VIEW v6 RENAME COLUMN column1 TO first;
ALTER MATERIALIZED VIEW mv RENAME TO usage;
DROP VIEW v1, v2, v3, v4;

-- script: guards
CREATE TABLE t (id int);
CREATE TABLE IF NOT EXISTS t (id int, more int);
ALTER TABLE t ADD COLUMN IF NOT EXISTS id bigint, ADD COLUMN IF NOT EXISTS b text UNIQUE;
ALTER TABLE t ADD COLUMN IF NOT EXISTS b text UNIQUE;
ALTER TABLE IF EXISTS nowhere ADD COLUMN x int;
DROP TABLE IF EXISTS nowhere;
DROP INDEX IF EXISTS nowhere_idx;
CREATE INDEX IF NOT EXISTS ti ON t (id);
CREATE INDEX IF NOT EXISTS ti ON t (b);
ALTER TABLE t DROP COLUMN IF EXISTS nothing;
ALTER TABLE t DROP CONSTRAINT IF EXISTS nothing;
CREATE SEQUENCE IF NOT EXISTS s;
CREATE SEQUENCE IF NOT EXISTS s;
CREATE OR REPLACE VIEW v AS SELECT id FROM t;
CREATE OR REPLACE VIEW v AS SELECT id, b FROM t;
CREATE SCHEMA IF NOT EXISTS public;

-- script: transactions
CREATE TABLE t (id int);
BEGIN;
ALTER TABLE t ADD COLUMN a int;
SAVEPOINT one;
ALTER TABLE t ADD COLUMN b int CHECK (b > 0);
CREATE TABLE u (id int PRIMARY KEY);
ROLLBACK TO one;
ALTER TABLE t ADD COLUMN c int CHECK (c > 0);
SAVEPOINT two;
CREATE INDEX ti ON t (a);
RELEASE two;
COMMIT;
BEGIN;
DROP TABLE t;
CREATE TABLE t (other int UNIQUE);
ROLLBACK;
START TRANSACTION;
ALTER TABLE t RENAME TO tt;
CREATE TABLE t (id int PRIMARY KEY);
COMMIT AND CHAIN;
ALTER TABLE tt ADD CHECK (a > 1);
ROLLBACK;
BEGIN;
CREATE TEMP TABLE scratch (id int) ON COMMIT DROP;
CREATE TABLE scratch2 (LIKE scratch);
END;
ALTER TABLE tt ADD CHECK (a > 1);

-- script: serial and identity
CREATE TABLE t (a serial, b bigserial NOT NULL, c smallserial PRIMARY KEY, d int GENERATED BY DEFAULT AS IDENTITY,
  e bigint GENERATED ALWAYS AS IDENTITY (START 5));
ALTER TABLE t ADD COLUMN f serial;
ALTER TABLE t ALTER COLUMN a DROP DEFAULT;
DROP SEQUENCE /* fails */ t_b_seq;
DROP SEQUENCE t_b_seq CASCADE;
ALTER TABLE t ALTER COLUMN d DROP IDENTITY;
ALTER TABLE t ALTER COLUMN d ADD GENERATED ALWAYS AS IDENTITY;
ALTER TABLE t ALTER COLUMN e SET GENERATED BY DEFAULT;
CREATE TABLE n (id int NOT NULL);
ALTER TABLE n ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY;
CREATE SEQUENCE own;
CREATE TABLE o (id bigint DEFAULT nextval('own'), x int);
ALTER SEQUENCE own OWNED BY o.id;
ALTER TABLE o ALTER COLUMN id DROP DEFAULT;
CREATE SEQUENCE kept OWNED BY o.x;
ALTER SEQUENCE kept OWNED BY NONE;
ALTER TABLE t DROP COLUMN f;
DROP TABLE o;
CREATE SEQUENCE used;
CREATE TABLE uses (id bigint DEFAULT nextval('used'));
DROP SEQUENCE /* fails */ used;
DROP SEQUENCE used CASCADE;
ALTER TABLE t RENAME COLUMN c TO cc;
ALTER TABLE t DROP COLUMN cc;

-- script: generated names
CREATE TABLE t (a int, b int, c text, "Mixed Case" int);
CREATE INDEX ON t (a);
CREATE INDEX ON t (a);
CREATE INDEX ON t (a, a);
CREATE INDEX ON t ((a + b));
CREATE INDEX ON t ((a + b), (b + a), lower(c));
CREATE INDEX ON t (c text_pattern_ops) INCLUDE (a, b);
CREATE INDEX ON t (((a + b)::bigint));
CREATE INDEX ON t (coalesce(c, ''), (CASE WHEN a > 1 THEN a END), (CASE WHEN a > 1 THEN a ELSE b END));
CREATE INDEX ON t ((c IS NULL), ("Mixed Case" > 3));
CREATE INDEX ON t (greatest(a, b), (nullif(a, b)), (c COLLATE "C"));
ALTER TABLE t ADD CHECK (a > 0), ADD CHECK (a > 1), ADD CHECK (a > b), ADD CHECK (true);
ALTER TABLE t ADD UNIQUE (a, b), ADD UNIQUE (b) INCLUDE (c);

-- script: generated names of constraints
CREATE TABLE t (a int, b int, c text);
ALTER TABLE t ADD UNIQUE (a, b), ADD UNIQUE (b) INCLUDE (c), ADD EXCLUDE (a WITH =), ADD EXCLUDE ((a + b) WITH =);
ALTER TABLE t ADD FOREIGN KEY (a, b) REFERENCES t (a, b), ADD FOREIGN KEY (a, b) REFERENCES t (a, b);
ALTER TABLE t ADD PRIMARY KEY (b, a);
CREATE TABLE a_b (c int CHECK (c > 0));
CREATE TABLE a (b_c int CHECK (b_c > 0));
CREATE TABLE taken_pkey (id int);
CREATE TABLE taken (id int PRIMARY KEY);
CREATE TABLE k (id int, CONSTRAINT kk_key CHECK (id > 0));
CREATE TABLE kk (id int);
CREATE TABLE kx (id int UNIQUE, CONSTRAINT ky_id_key CHECK (id > 0));
CREATE TABLE ky (id int UNIQUE);
CREATE TABLE a_table_with_a_name_that_is_nearly_as_long_as_it_may_ever_be_ (
  a_column_whose_name_is_also_rather_long_for_a_column serial PRIMARY KEY CHECK (a_column_whose_name_is_also_rather_long_for_a_column > 0),
  other_column_with_a_long_name_that_goes_on_and_on int UNIQUE REFERENCES taken);
CREATE INDEX ON a_table_with_a_name_that_is_nearly_as_long_as_it_may_ever_be_ (other_column_with_a_long_name_that_goes_on_and_on, a_column_whose_name_is_also_rather_long_for_a_column);
CREATE INDEX ON a_table_with_a_name_that_is_nearly_as_long_as_it_may_ever_be_ (other_column_with_a_long_name_that_goes_on_and_on, a_column_whose_name_is_also_rather_long_for_a_column);
CREATE TABLE "ärgerlich_lange_tabelle_mit_vielen_umlauten_äöüäöüäöü" ("größe_der_ganzen_sache_äöü" int UNIQUE);
CREATE TABLE merged (id int UNIQUE, a int UNIQUE, PRIMARY KEY (id), UNIQUE (a), CONSTRAINT named UNIQUE (a));
CREATE TABLE merged2 (id int CONSTRAINT by_name UNIQUE PRIMARY KEY);

-- script: do blocks
CREATE TABLE t (id int);
DO $$
BEGIN
  ALTER TABLE t ADD COLUMN a int;
  CREATE TABLE u (id int PRIMARY KEY, t_id int);
  CREATE INDEX ON u (t_id);
  PERFORM 1;
  CREATE TYPE colour AS ENUM ('red');
END $$;
DO LANGUAGE plpgsql 'BEGIN ALTER TABLE t ADD COLUMN b text DEFAULT ''x''; END';
ALTER TABLE t ADD COLUMN c colour;

-- script: types
CREATE TYPE mood AS ENUM ('sad', 'ok');
ALTER TYPE mood ADD VALUE 'happy' AFTER 'ok';
CREATE DOMAIN email AS varchar(80) NOT NULL CHECK (value <> '');
CREATE DOMAIN work_email AS email CHECK (value LIKE '%@work');
CREATE TYPE pair AS (a int, b text);
CREATE TABLE t (m mood DEFAULT 'ok', ms mood[], e email, w work_email, p pair, ps pair[]);
ALTER TYPE mood RENAME TO feeling;
ALTER DOMAIN work_email RENAME TO job_email;
ALTER TYPE pair RENAME ATTRIBUTE a TO aa;
CREATE TABLE typed OF pair (aa PRIMARY KEY, b DEFAULT 'x');
ALTER TYPE pair ADD ATTRIBUTE c int CASCADE;
ALTER TYPE pair RENAME ATTRIBUTE b TO bb CASCADE;
ALTER TYPE pair DROP ATTRIBUTE c CASCADE;
ALTER DOMAIN email ADD CHECK (length(value) > 3);
ALTER DOMAIN email RENAME CONSTRAINT email_check TO not_blank;
CREATE TABLE mail (check_it int CHECK (check_it > 0));
DROP TYPE /* fails */ feeling;
DROP TYPE feeling CASCADE;
DROP DOMAIN email CASCADE;
CREATE TABLE all_types (a varchar, b varchar(5), c char, d char(4), e numeric, f numeric(5), g numeric(5,3), h bit, i bit(3),
  j varbit(9), k timestamp, l timestamp(2), m timestamptz(0), n time(3) with time zone, o interval, p interval(2), q float(10),
  r float(40), s int[], t text[][], u double precision, v "char", w name, x xml, y json, z int4range);

-- script: passes of alter table
CREATE TABLE t (id int, a int, b text, c int NOT NULL DEFAULT 2, CONSTRAINT old CHECK (a > 0));
ALTER TABLE t ADD CONSTRAINT old CHECK (a > 1), DROP CONSTRAINT old;
ALTER TABLE t ADD COLUMN a text, DROP COLUMN a;
ALTER TABLE t ADD PRIMARY KEY (id), ADD COLUMN d int CHECK (d > 0) UNIQUE, ADD CHECK (d > c), ALTER COLUMN b SET NOT NULL;
ALTER TABLE t ADD CONSTRAINT late UNIQUE (fresh), ADD COLUMN fresh int;
ALTER TABLE t ALTER COLUMN c DROP NOT NULL, ALTER COLUMN c DROP DEFAULT, ALTER COLUMN c TYPE bigint;
ALTER TABLE t ALTER COLUMN d SET DEFAULT 5, DROP COLUMN b, ADD COLUMN b int;
ALTER TABLE t /* fails */ ALTER COLUMN id DROP NOT NULL;
ALTER TABLE t ADD COLUMN s serial, ADD COLUMN s2 serial UNIQUE;
CREATE UNIQUE INDEX ready ON t (a, b);
ALTER TABLE t ADD CONSTRAINT renamed UNIQUE USING INDEX ready DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE t DROP CONSTRAINT t_pkey, ADD CONSTRAINT t_pkey PRIMARY KEY (a);
ALTER TABLE t ADD CONSTRAINT nv CHECK (c > 0) NOT VALID, ADD FOREIGN KEY (d) REFERENCES t (d) NOT VALID;
ALTER TABLE t VALIDATE CONSTRAINT nv;
ALTER TABLE t ALTER CONSTRAINT t_d_fkey DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE t SET UNLOGGED;
ALTER TABLE t SET LOGGED;

-- script: functions that others stand on
CREATE FUNCTION one(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TABLE t (a int DEFAULT one(1), b int CHECK (one(b) > 0), c int GENERATED ALWAYS AS (one(a)) STORED);
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf();
DROP FUNCTION /* fails */ one(int);
DROP FUNCTION one(int) CASCADE;
DROP FUNCTION tf() CASCADE;

-- script: dropped and made again
CREATE TABLE t (id serial PRIMARY KEY, a int CHECK (a > 0), b int);
ALTER TABLE t DROP COLUMN a, ADD COLUMN a bigint CHECK (a > 0);
DROP TABLE t;
CREATE TABLE t (id serial PRIMARY KEY, a int CHECK (a > 0));
CREATE TABLE ref (t_id int REFERENCES t ON DELETE CASCADE);
DROP TABLE t CASCADE;
CREATE VIEW t AS SELECT 1 AS id;
DROP VIEW t;
CREATE MATERIALIZED VIEW t AS SELECT 1 AS id WITH NO DATA;
DROP MATERIALIZED VIEW t;
CREATE SEQUENCE t;

-- script: references to partitioned tables
CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE TABLE c (p_id int REFERENCES p, CONSTRAINT own CHECK (p_id > 0));
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);
ALTER TABLE c ADD FOREIGN KEY (p_id) REFERENCES p;
DROP TABLE /* fails */ p;
DROP TABLE p CASCADE;

-- script: attach and detach keep what is theirs
CREATE TABLE r (id int PRIMARY KEY);
CREATE TABLE p (id int NOT NULL, r_id int REFERENCES r, CONSTRAINT ok CHECK (id > 0)) PARTITION BY HASH (id);
CREATE TABLE a (id int NOT NULL, r_id int REFERENCES r, CONSTRAINT ok CHECK (id > 0));
ALTER TABLE p ATTACH PARTITION a FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE b PARTITION OF p FOR VALUES WITH (MODULUS 2, REMAINDER 1);
ALTER TABLE p ADD UNIQUE (id);
ALTER TABLE p DETACH PARTITION b;
ALTER TABLE p DROP CONSTRAINT ok;
ALTER TABLE p DROP COLUMN r_id;
ALTER TABLE p DROP CONSTRAINT p_id_key;
ALTER TABLE b DROP CONSTRAINT ok;
ALTER TABLE b DROP COLUMN r_id;

-- script: unlogged and statistics
CREATE UNLOGGED TABLE t (id int, a int);
CREATE STATISTICS s ON id, a FROM t;
ALTER TABLE t SET LOGGED;
CREATE UNLOGGED TABLE u (id int PRIMARY KEY);

-- script: virtual columns since 18
CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2), c int NOT NULL CONSTRAINT c_there CHECK (c > 0) NOT ENFORCED);
ALTER TABLE t ADD CONSTRAINT a_there NOT NULL a NOT VALID;
ALTER TABLE t VALIDATE CONSTRAINT a_there;
ALTER TABLE t DROP CONSTRAINT a_there;
CREATE TABLE child () INHERITS (t);
ALTER TABLE t ADD CONSTRAINT b_there NOT NULL a;
ALTER TABLE t ALTER COLUMN a DROP NOT NULL;
