//! How often each call of ACM may be made.
//!
//! AWS: ACM's user guide, "API rate quotas".

use berth_control::pipeline::throttle::Category;

/// Burst, and how many a second come back.
pub static ACM: &[Category] = &[
    Category::new(
        "Certificate changes",
        (20, 5),
        &[
            "AddTagsToCertificate",
            "DeleteCertificate",
            "ImportCertificate",
            "RemoveTagsFromCertificate",
            "RenewCertificate",
            "RequestCertificate",
            "TagResource",
            "UntagResource",
            "UpdateCertificateOptions",
        ],
    ),
    Category::new(
        "Certificate reads",
        (40, 10),
        &[
            "DescribeCertificate",
            "GetCertificate",
            "ListCertificates",
            "ListTagsForCertificate",
            "ListTagsForResource",
        ],
    ),
];
