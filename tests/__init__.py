"""Tests of podanalytics."""
