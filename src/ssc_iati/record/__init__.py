"""The record: what is known of a South-South cooperation initiative, before any standard."""
