"""Permission reviews (アクセス権限の点検) and the monthly check of user IDs, from snapshot to signed report."""
