-- Mistake: the function stays behind.
DROP TABLE IF EXISTS shop.audit_log;
