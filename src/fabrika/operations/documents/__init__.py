"""Documents: work instructions and forms under revision, and who has read them. Nouns: document, revision."""
