"""Gathers the rooms' models for Django."""
