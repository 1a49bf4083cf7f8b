//! Decides where tasks run, and says why (pure).
