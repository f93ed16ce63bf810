"""From the project record to an `iati-activity`: IATI has what it has a home for, the `ssc` extension the rest."""
