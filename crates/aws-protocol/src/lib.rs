//! AWS's wire protocols: five codecs, Signature Version 4, error rendering, pagination tokens.
