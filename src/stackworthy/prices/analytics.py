"""Athena, Glue, CodeBuild, OpenSearch Serverless, Cloud Map, SES and private certificates, as far as the catalogue goes."""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.core.value import is_stated
from stackworthy.prices.registry import UsageOf, number, prices, unpriced, usage

BUILDS = {
    ("LINUX_CONTAINER", "BUILD_GENERAL1_SMALL"): "codebuild.linux-general1.small",
    ("LINUX_CONTAINER", "BUILD_GENERAL1_MEDIUM"): "codebuild.linux-general1.medium",
    ("LINUX_CONTAINER", "BUILD_GENERAL1_LARGE"): "codebuild.linux-general1.large",
    ("WINDOWS_SERVER_2019_CONTAINER", "BUILD_GENERAL1_LARGE"): "codebuild.windows-general1.large",
}

usage(
    "AWS::Athena::WorkGroup",
    monthly_data_scanned_tb=("TB", 0, "Data that queries scan, at least 10 MB each."),
)
usage("AWS::Glue::Job", monthly_hours=("hours", 0, "Hours that the job runs, at least a minute each time."))
usage(
    "AWS::Glue::Crawler",
    monthly_hours=("DPU-hours", 0, "DPU-hours of the crawler, at least ten minutes each time."),
)
usage("AWS::CodeBuild::Project", monthly_build_mins=("minutes", 0, "Minutes of builds, each rounded up."))
usage("AWS::OpenSearchServerless::Collection", average_ocus=("OCU", None, "Capacity units for indexing and search; 2 when not stated, 1 without standby replicas."))  # fmt: skip
usage("AWS::SES::ConfigurationSet", monthly_emails=("emails", 0, "Emails sent."))


@prices("AWS::Athena::WorkGroup")
def athena(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Data that queries scan."""
    yield Cost(
        "Queries", asked["monthly_data_scanned_tb"], "athena.data-scanned", "{monthly_data_scanned_tb} TB"
    )


@prices("AWS::Glue::Job")
def glue_jobs(job: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Capacity of a job while it runs."""
    units = number(job["MaxCapacity"], number(job["NumberOfWorkers"], 10))
    doubled = {"G.2X": 2, "G.4X": 4, "G.8X": 8}.get(str(job["WorkerType"]), 1)
    words = f"{units} workers × {doubled} DPU × {{monthly_hours}} h"
    yield Cost("Capacity", units * doubled * asked["monthly_hours"], "glue.dpu", words)


@prices("AWS::Glue::Crawler")
def glue_crawlers(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Capacity of a crawler while it runs."""
    yield Cost("Capacity", asked["monthly_hours"], "glue.dpu", "{monthly_hours} DPU-hours")


@prices("AWS::CodeBuild::Project")
def builds(project: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Minutes of builds."""
    kind = (str(project["Environment.Type"]), str(project["Environment.ComputeType"]))
    price = BUILDS.get(kind)
    if price is None:
        yield unpriced("Build minutes", f"no price of {kind[1]} on {kind[0]} is in the catalogue")
        return
    yield Cost("Build minutes", asked["monthly_build_mins"], price, "{monthly_build_mins} minutes")


@prices("AWS::OpenSearchServerless::Collection")
def collections(collection: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Capacity units."""
    alone = collection["StandbyReplicas"] == "DISABLED"
    units = asked.get("average_ocus", 1 if alone else 2)
    words = f"{units} OCU × {asked.hours} h"
    assumed = "" if asked.stated("average_ocus") else "the least capacity; collections of one key share it"
    yield Cost("Capacity units", units * asked.hours, "opensearch-serverless.ocu", words, assumption=assumed)


@prices("AWS::SES::ConfigurationSet")
def emails(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Emails sent."""
    if asked["monthly_emails"]:
        yield Cost("Emails", asked["monthly_emails"], "ses.email-sent", "{monthly_emails} emails")


@prices("AWS::ACMPCA::CertificateAuthority")
def authorities(authority: Resource, _: UsageOf) -> Iterator[Cost]:
    """A private certificate authority."""
    if authority["UsageMode"] == "SHORT_LIVED_CERTIFICATE":
        yield unpriced(
            "Certificate authority", "no price of short-lived certificate mode is in the catalogue"
        )
        return
    yield Cost("Certificate authority", 1, "acm-private-ca.general-purpose-ca", "1 authority")


@prices("AWS::ServiceDiscovery::Instance")
def instances(_: Resource, __: UsageOf) -> Iterator[Cost]:
    """A registered resource."""
    yield Cost("Resource", 1, "cloud-map.resource", "1 resource")


@prices("AWS::CertificateManager::Certificate")
def certificates(certificate: Resource, _: UsageOf) -> Iterator[Cost]:
    """A public certificate: free; an exportable one is not."""
    if certificate["CertificateExport"] == "ENABLED":
        yield unpriced("Certificate", "no price of exportable certificates is in the catalogue")
    elif not is_stated(certificate["CertificateAuthorityArn"]):
        yield Cost("Certificate", 0, "acm.public-certificate", "free")
    else:
        yield unpriced("Certificate", "no price of private certificates is in the catalogue")
