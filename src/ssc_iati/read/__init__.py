"""Sources as they stand: workbooks, folders of CSV, JSON; each gives raw rows with their places, uninterpreted."""
