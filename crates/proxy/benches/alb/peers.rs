//! Who is compared, set to the same work.

use std::env;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;

use crate::process::{PROXY_CORE, Process, free_port, on_core};

/// The host that is asked for, and that the certificate is for.
pub const NAME: &str = "web.example";
pub const PATH: &str = "/api/things?id=7";

/// A proxy that runs.
pub struct Proxy {
    pub name: &'static str,
    pub process: Process,
    pub port: u16,
    pub tls_port: u16,
}

impl Proxy {
    /// Of ours, with so many rules.
    pub fn berth(folder: &Path, target: u16, rules: u32) -> Proxy {
        let own = env::current_exe().expect("this program has a file");
        Proxy::start("berth", |port, tls_port| {
            let mut command = on_core(PROXY_CORE, own);
            command.args(["serve-as-proxy", &port.to_string(), &tls_port.to_string()]);
            command.args([&format!("127.0.0.1:{target}"), &rules.to_string()]).arg(folder);
            command
        })
    }

    pub fn nginx(folder: &Path, target: u16) -> Proxy {
        Proxy::start("nginx", |port, tls_port| {
            let file = folder.join("nginx.conf");
            fs::write(&file, nginx(folder, port, tls_port, target)).expect("it can be written");
            let mut command = on_core(PROXY_CORE, "nginx");
            command.arg("-p").arg(folder).arg("-c").arg(file);
            command
        })
    }

    pub fn haproxy(folder: &Path, target: u16) -> Proxy {
        Proxy::start("haproxy", |port, tls_port| {
            let both = ["certificate.pem", "key.pem"]
                .map(|name| fs::read_to_string(folder.join(name)).expect("it was written"));
            fs::write(folder.join("both.pem"), both.concat()).expect("it can be written");
            let file = folder.join("haproxy.cfg");
            fs::write(&file, haproxy(folder, port, tls_port, target)).expect("it can be written");
            let mut command = on_core(PROXY_CORE, "haproxy");
            command.arg("-db").arg("-f").arg(file);
            command
        })
    }

    fn start(name: &'static str, command: impl FnOnce(u16, u16) -> Command) -> Proxy {
        let (port, tls_port) = (free_port(), free_port());
        let process = Process::listening(command(port, tls_port), &[port, tls_port]);
        Proxy { name, process, port, tls_port }
    }

    pub fn url(&self) -> String {
        format!("http://{}:{}{PATH}", Ipv4Addr::LOCALHOST, self.port)
    }

    pub fn tls_url(&self) -> String {
        format!("https://{}:{}{PATH}", Ipv4Addr::LOCALHOST, self.tls_port)
    }
}

/// What an access log would cost is nobody's, and requests are counted by everybody.
fn nginx(folder: &Path, port: u16, tls_port: u16, target: u16) -> String {
    let (folder, listen) = (
        folder.display(),
        format!("listen 127.0.0.1:{port} backlog=4096; listen 127.0.0.1:{tls_port} ssl http2;"),
    );
    let pass = |group: &str| format!("proxy_pass http://{group};");
    let (a, b, c) = (pass("a"), pass("b"), pass("c"));
    let upstream =
        |name: &str| format!("upstream {name} {{ server 127.0.0.1:{target}; keepalive 256; }}");
    let upstreams = ["a", "b", "c"].map(upstream).join("\n");
    format!(
        "worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log /dev/null crit;
         worker_rlimit_nofile 65536;
         events {{ worker_connections 30000; }}
         http {{
           access_log off; keepalive_requests 100000000; keepalive_timeout 60s; 
           client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
           fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
           proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_set_header Host $host;
           proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
           proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Port $server_port;
           proxy_set_header X-Amzn-Trace-Id Root=$request_id;
           ssl_certificate {folder}/certificate.pem; ssl_certificate_key {folder}/key.pem;
           ssl_protocols TLSv1.2 TLSv1.3;
           {upstreams}
           server {{ {listen} server_name default.example; location / {{ {c} }} }}
           server {{ listen 127.0.0.1:{port}; listen 127.0.0.1:{tls_port} ssl http2; server_name other.example; location /api/ {{ {a} }} location / {{ {b} }} }}
           server {{ listen 127.0.0.1:{port}; listen 127.0.0.1:{tls_port} ssl http2; server_name {NAME}; location /images/ {{ {b} }} location /api/ {{ {a} }} location / {{ {c} }} }}
         }}"
    )
}

fn haproxy(folder: &Path, port: u16, tls_port: u16, target: u16) -> String {
    let folder = folder.display();
    let backend =
        |name: &str| format!("backend {name}\n  server one 127.0.0.1:{target} pool-max-conn 256\n");
    let backends = ["a", "b", "c"].map(backend).concat();
    format!(
        "global
  nbthread 1
  maxconn 9000
defaults
  mode http
  timeout connect 10s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend f
  bind 127.0.0.1:{port} backlog 4096
  bind 127.0.0.1:{tls_port} ssl crt {folder}/both.pem alpn h2,http/1.1
  option forwardfor
  http-request set-header X-Forwarded-Proto https if {{ ssl_fc }}
  http-request set-header X-Forwarded-Proto http unless {{ ssl_fc }}
  http-request set-header X-Forwarded-Port %[dst_port]
  http-request set-header X-Amzn-Trace-Id Root=%[uuid()]
  use_backend a if {{ hdr(host) -i other.example }} {{ path_beg /api/ }}
  use_backend b if {{ hdr(host) -i other.example }}
  use_backend b if {{ hdr(host) -i {NAME} }} {{ path_beg /images/ }}
  use_backend a if {{ hdr(host) -i {NAME} }} {{ path_beg /api/ }}
  default_backend c
{backends}"
    )
}
