DROP ROLE IF EXISTS shop_report;
