-- Mistake: the numbers are gone for good; the rollback brings back an empty column.
SET lock_timeout = '2s';
ALTER TABLE shop.customers DROP COLUMN IF EXISTS phone;
RESET lock_timeout;
