//! TLS: from clients, to targets, and both.

use std::sync::Arc;

use berth_proxy_protocol::{AlpnPolicy, Certificate, GroupProtocol, ListenerProtocol, Secret};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};

use crate::setup::Story;
use crate::targets::{Target, echo};

/// A certificate that nobody else signed, for one name.
struct Own {
    chain: CertificateDer<'static>,
    certificate: Certificate,
    key: PrivateKeyDer<'static>,
}

fn own(name: &str) -> Own {
    let own = rcgen::generate_simple_self_signed([name.to_owned()]).expect("it can be made");
    Own {
        chain: own.cert.der().clone(),
        certificate: Certificate {
            arn: name.to_owned(),
            chain: own.cert.pem(),
            private_key: Secret(own.signing_key.serialize_pem()),
            names: vec![name.to_owned()],
        },
        key: own.signing_key.serialize_der().try_into().expect("it was just written"),
    }
}

fn listener(own: &[&Own], alpn: Option<AlpnPolicy>) -> impl FnOnce(&mut Story) {
    let certificates: Vec<_> = own.iter().map(|own| own.certificate.clone()).collect();
    move |story| {
        story.apply(|it| {
            let listener = &mut it.balancers[0].listeners[0];
            listener.protocol = ListenerProtocol::Tls;
            listener.alpn = alpn;
            listener.certificates = certificates.iter().map(|own| own.arn.clone()).collect();
            it.certificates = certificates;
        });
    }
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// Connects as a client that trusts this certificate only and asks for this name.
async fn connect(
    story: &Story,
    own: &Own,
    protocols: &[&[u8]],
) -> std::io::Result<client::TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(own.chain.clone()).expect("it is a certificate");
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("ring has them")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let name = ServerName::try_from(own.certificate.names[0].clone()).expect("it is a name");
    let stream = TcpStream::connect(story.address(0)).await?;
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

/// A target's end of TLS, with whatever certificate.
async fn accept(target: &Target, protocols: &[&[u8]]) -> server::TlsStream<TcpStream> {
    let own = own("nobody.example");
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("ring has them")
        .with_no_client_auth()
        .with_single_cert(vec![own.chain], own.key)
        .expect("they belong together");
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let stream = target.accept().await;
    TlsAcceptor::from(Arc::new(config)).accept(stream).await.expect("the balancer takes any")
}

#[tokio::test]
async fn tls_ends_at_the_balancer_with_the_certificate_that_the_client_asks_for() {
    let mut story = Story::tcp(&[echo(b'!').await], |_| {});
    let (one, two) = (own("one.example"), own("two.example"));
    listener(&[&one, &two], None)(&mut story);
    for own in [&one, &two] {
        let mut client = connect(&story, own, &[]).await.expect("they agree");
        client.write_all(b"hello").await.unwrap();
        client.shutdown().await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer, "!hello");
    }
    story.wait_for("ActiveFlowCount", 0).await;
    let counted = story.counted().metrics;
    assert_eq!((counted["NewFlowCount_TLS"], counted["ProcessedBytes_TLS"]), (2, 22));
}

#[tokio::test]
async fn a_target_that_wants_tls_gets_it_whatever_its_certificate_and_the_clients_protocol() {
    let target = Target::new().await;
    let mut story = Story::tcp(&[target.address], |_| {});
    story.apply(|it| it.target_groups[0].protocol = GroupProtocol::Tls);
    let own = own("one.example");
    listener(&[&own], Some(AlpnPolicy::Http2Preferred))(&mut story);
    let (client, mut target) =
        tokio::join!(connect(&story, &own, &[b"http/1.1", b"h2"]), accept(&target, &[b"h2"]));
    let mut client = client.expect("they agree");
    assert_eq!(client.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    assert_eq!(target.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    client.write_all(b"hello").await.unwrap();
    client.flush().await.unwrap();
    let mut said = [0; 5];
    target.read_exact(&mut said).await.unwrap();
    assert_eq!(&said, b"hello");
    // A connection that is broken off is so behind TLS, too.
    client.get_ref().0.set_zero_linger().unwrap();
    drop(client);
    target.read_u8().await.expect_err("nothing comes any more");
    story.wait_for("TCP_Client_Reset_Count", 1).await;
}

#[tokio::test]
async fn a_client_that_agrees_on_nothing_is_counted_and_gets_nothing() {
    let mut story = Story::tcp(&[echo(b'!').await], |_| {});
    let own = own("one.example");
    listener(&[&own], Some(AlpnPolicy::Http2Only))(&mut story);
    connect(&story, &own, &[b"http/1.1"]).await.expect_err("HTTP/2 is all there is");
    story.wait_for("ClientTLSNegotiationErrorCount", 1).await;
    assert_eq!(story.count("ProcessedBytes"), 0);
}

#[tokio::test]
async fn a_target_without_tls_is_counted_and_its_client_hears_of_it() {
    let mut story = Story::tcp(&[echo(b'!').await], |_| {});
    story.apply(|it| it.target_groups[0].protocol = GroupProtocol::Tls);
    let mut client = TcpStream::connect(story.address(0)).await.unwrap();
    client.read_u8().await.expect_err("no connection came about");
    story.wait_for("TargetTLSNegotiationErrorCount", 1).await;
}
