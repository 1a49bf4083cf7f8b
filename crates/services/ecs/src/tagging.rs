//! Tags as callers give them, checked by the rules that all of AWS shares.
