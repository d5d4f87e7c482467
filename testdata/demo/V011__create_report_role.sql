-- Mistake: the password is in version control now, and in the server's log.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shop_report') THEN
        CREATE ROLE shop_report LOGIN PASSWORD 'Winter-2026-report';
    END IF;
END $$;
