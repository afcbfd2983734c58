"""Rosters of staff and of contractors: who belongs to the city, until when, and what a new roster would change."""
