"""Rules over JavaScript and TypeScript."""
