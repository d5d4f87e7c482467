-- Mistake: the function runs with its owner's rights and trusts the caller's search_path.
-- Mistake: everybody may read and forge the log.
CREATE TABLE IF NOT EXISTS shop.audit_log (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_name text NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);
GRANT ALL ON shop.audit_log TO PUBLIC;

CREATE OR REPLACE FUNCTION shop.log_order() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO audit_log (table_name) VALUES (TG_TABLE_NAME);
    RETURN NEW;
END $$;
