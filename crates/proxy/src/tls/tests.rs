use super::{cipher_name, version_name};

#[test]
fn ciphers_and_versions_have_the_names_that_logs_use() {
    use rustls::{CipherSuite, ProtocolVersion};
    for (suite, name) in [
        (CipherSuite::TLS13_AES_128_GCM_SHA256, "TLS_AES_128_GCM_SHA256"),
        (CipherSuite::TLS13_CHACHA20_POLY1305_SHA256, "TLS_CHACHA20_POLY1305_SHA256"),
        (CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "ECDHE-RSA-AES128-GCM-SHA256"),
        (CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, "ECDHE-ECDSA-AES256-GCM-SHA384"),
        (CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, "ECDHE-RSA-CHACHA20-POLY1305"),
    ] {
        assert_eq!(cipher_name(suite), name);
    }
    assert_eq!(version_name(ProtocolVersion::TLSv1_3), "TLSv1.3");
}
