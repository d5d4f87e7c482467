-- Mistake: the column was never called "name", so this fails when it is needed most.
ALTER TABLE shop.customers RENAME COLUMN name TO full_name;
