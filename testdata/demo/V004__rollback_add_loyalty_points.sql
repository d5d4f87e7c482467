SET lock_timeout = '2s';
ALTER TABLE shop.customers DROP COLUMN IF EXISTS loyalty_points;
RESET lock_timeout;
