-- Expand: a constant default needs no rewrite. The lock is short, and nobody waits long behind it.
SET lock_timeout = '2s';
ALTER TABLE shop.customers ADD COLUMN IF NOT EXISTS loyalty_points integer NOT NULL DEFAULT 0;
RESET lock_timeout;
