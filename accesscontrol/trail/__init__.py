"""The book: an append-only trail that shows every later change to it.

Three layers guard it. Each row carries a keyed chain value, so that an edit of the file without the seal is found.
Every checkpoint signs the root of an RFC 6962 hash tree over all rows, so that an edit with the seal is found. A
second place remembers the last size and root and refuses to go back, so that a rewound, rewritten or emptied
file is found even when the signing key was stolen. What none of them shows is a cut after the last checkpoint;
therefore approvals, outputs and executions make one before they report success.
"""
