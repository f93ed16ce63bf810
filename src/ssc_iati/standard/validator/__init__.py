"""The validator of IATI files: what the official one finds, and our own checks beyond it; offline, in bounded memory."""
