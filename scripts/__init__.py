"""What the project needs around its code: catalogues and test services."""
