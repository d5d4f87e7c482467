-- What every case starts from. Small tables: what counts is whether they are read, not how long that takes.
CREATE SCHEMA t;
SET search_path = t;
CREATE TABLE big (
  id bigint PRIMARY KEY, a int, pid bigint, b varchar(20), c text, ch char(5), n numeric(10, 2),
  tz timestamptz, ts timestamp, ts3 timestamp(3), j json, ip cidr, inn inet, vb varbit(8), bt bit(8), ar int[], d date
);
INSERT INTO big (id, a, b, c, ch, n, tz, ts, ts3, j, ip, inn, vb, bt, d)
  SELECT g, g, 'x', 'y', 'z', 1, '2024-01-01', '2024-01-01', '2024-01-01', '{}', '10.0.0.0/8', '10.0.0.1', B'1',
         B'10101010', '2024-01-01' FROM generate_series(1, 200) AS g;
CREATE TABLE parent (id bigint PRIMARY KEY, x int);
INSERT INTO parent SELECT g FROM generate_series(1, 50) AS g;
UPDATE big SET pid = 1;
CREATE TABLE p (id bigint, d int NOT NULL, v text) PARTITION BY RANGE (d);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (100);
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (100) TO (200);
INSERT INTO p SELECT g, g, 'v' FROM generate_series(0, 199) AS g;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
