-- Mistake: no rollback script beside it.
-- Mistake: it fails where an order has no note, which tables without rows do not show.
-- Mistake: a scan of the whole table under a lock that stops all reads and writes.
SET lock_timeout = '2s';
ALTER TABLE shop.orders ALTER COLUMN note SET NOT NULL;
RESET lock_timeout;
