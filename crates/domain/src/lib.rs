//! Placeholder opening, replaced with the first real content.
