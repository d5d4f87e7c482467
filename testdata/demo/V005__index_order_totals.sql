-- Mistake: the index has no name, so a second run builds the same index once more, without a word.
-- Mistake: it blocks every write to the orders while it is built.
CREATE INDEX ON shop.orders (total);
