-- Customers of the shop. Safe to run twice: every step checks what is there.
CREATE SCHEMA IF NOT EXISTS shop;

CREATE TABLE IF NOT EXISTS shop.customers (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email      text NOT NULL UNIQUE,
    full_name  text NOT NULL,
    phone      text,
    created_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE shop.customers IS 'People who have bought or may buy something';

INSERT INTO shop.customers (email, full_name, phone)
VALUES ('ada@example.com', 'Ada Lovelace', '+44 20 7946 0000'),
       ('grace@example.com', 'Grace Hopper', NULL)
ON CONFLICT (email) DO NOTHING;
