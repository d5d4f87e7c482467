-- Mistake: PostgreSQL has no UPDATE ... LIMIT. This loop never ran anywhere.
DO $$
DECLARE
    batch_size integer := 1000;
    affected_rows integer;
BEGIN
    LOOP
        UPDATE shop.orders
        SET note = ''
        WHERE note IS NULL
        LIMIT batch_size;

        GET DIAGNOSTICS affected_rows = ROW_COUNT;
        EXIT WHEN affected_rows = 0;
        COMMIT;
    END LOOP;
END $$;
