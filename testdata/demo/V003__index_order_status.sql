-- An interrupted build leaves an invalid index behind, so a new try starts by removing it.
DROP INDEX CONCURRENTLY IF EXISTS shop.orders_status;
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_status ON shop.orders (status, placed_at);
