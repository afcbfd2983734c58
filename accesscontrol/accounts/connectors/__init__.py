"""One connector for each sort of system: they read its accounts, issue, change and lapse them."""
