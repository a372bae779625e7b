"""The Kubernetes manifests: valid against the API's schemas, and about the same things as each other."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from app.adapters.redis.task_queue import jobs_stream
from app.runtime.settings.site import Settings
from app.runtime.settings.vendors import StorageSettings, VendorSettings
from app.runtime.wiring.tracing import TraceSettings
from tests.deploy.files import ROOT, a_command, made_secrets, secrets_of

FOLDER = ROOT / "deploy" / "kubernetes"
VERSION = "1.34"
FILES = sorted(path for path in FOLDER.glob("*.yaml") if path.name != "kustomization.yaml")
DOCUMENTS = [document for path in FILES for document in yaml.safe_load_all(path.read_text())]


def of(kind: str) -> list[dict[str, Any]]:
    return [document for document in DOCUMENTS if document["kind"] == kind]


def templates() -> list[dict[str, Any]]:
    jobs = [job["spec"]["jobTemplate"]["spec"]["template"] for job in of("CronJob")]
    return [deployment["spec"]["template"] for deployment in of("Deployment")] + jobs


@pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda document: f"{document['kind']}-{document['metadata']['name']}"
)
def test_a_manifest_is_what_the_api_takes(document: dict[str, Any]) -> None:
    if document["apiVersion"].startswith("keda.sh/"):  # KEDA's own kinds; their schema is not the API's
        return
    kubernetes_validate.validate(document, VERSION, strict=True)


def test_a_slip_would_be_noticed() -> None:
    deployment = of("Deployment")[0]

    with pytest.raises(kubernetes_validate.ValidationError, match="replica"):
        kubernetes_validate.validate(deployment | {"spec": deployment["spec"] | {"replica": 2}}, VERSION, strict=True)


def test_the_list_names_every_file() -> None:
    listed = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())["resources"]

    assert sorted(listed) == [path.name for path in FILES]


def test_every_pod_is_unprivileged_and_runs_a_command_of_ours() -> None:
    for template in templates():
        assert template["spec"]["securityContext"]["runAsNonRoot"] is True
        (container,) = template["spec"]["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]
        assert container["resources"]["limits"]["ephemeral-storage"]
        assert all(volume["emptyDir"]["sizeLimit"] for volume in template["spec"]["volumes"] if "emptyDir" in volume)
        if "command" not in container:
            a_command(container["args"])
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            assert "greenroom" not in str(container.get(probe)), "a probe starts no interpreter"


def test_each_deployment_survives_an_eviction() -> None:
    guarded = {
        budget["spec"]["selector"]["matchLabels"]["app.kubernetes.io/component"] for budget in of("PodDisruptionBudget")
    }

    assert guarded == {deployment["metadata"]["name"] for deployment in of("Deployment")} - {"tools"}
    assert all(
        one["spec"]["selector"]["matchLabels"].items() <= one["spec"]["template"]["metadata"]["labels"].items()
        for one in of("Deployment")
    )


def test_what_is_configured_are_settings() -> None:
    known = {f"GREENROOM_{name.upper()}" for name in Settings.model_fields}
    known |= {name.upper() for name in (*StorageSettings.model_fields, *TraceSettings.model_fields)}

    config, providers = of("ConfigMap")
    assert set(config["data"]) <= known
    assert tomllib.loads(providers["data"]["providers.toml"]) == {}


def test_each_pod_has_secrets_and_providers_mounted_and_no_catalog_in_its_image() -> None:
    for template in templates():
        volumes = {volume["name"]: volume for volume in template["spec"]["volumes"]}
        mounts = {mount["name"]: mount for mount in template["spec"]["containers"][0]["volumeMounts"]}
        assert volumes["secrets"]["secret"] == {"secretName": "greenroom"}
        assert mounts["secrets"]["mountPath"] == "/run/secrets"
        assert mounts["providers"]["mountPath"] == "/srv/greenroom/providers.toml"
        assert mounts.keys() == volumes.keys()
    assert of("ConfigMap")[0]["data"]["GREENROOM_SERVE"] == "release"


CLUSTER = {
    "GREENROOM_DATABASE_URL": "postgresql://greenroom:hush@postgres:5432/greenroom",
    "GREENROOM_REDIS_URL": "redis://:hush@redis:6379/0",
    "REDIS_PASSWORD": "hush",
    "AWS_ACCESS_KEY_ID": "id",
    "AWS_SECRET_ACCESS_KEY": "hush",
}


def test_the_secret_of_a_cluster_has_every_key_that_a_pod_reads(tmp_path: Path) -> None:
    made = {path.name for path in (made_secrets(tmp_path, "kubernetes", **CLUSTER) / "kubernetes").iterdir()}

    wanted = {f"greenroom_{name}" for name in ("secret", "api_key", "api_keys", "database_url", "redis_url")}
    wanted |= secrets_of(VendorSettings) | {"aws_access_key_id", "aws_secret_access_key"}
    asked_by_keda = {target["key"] for one in of("TriggerAuthentication") for target in one["spec"]["secretTargetRef"]}
    assert made == wanted | asked_by_keda


def test_making_the_secret_names_what_the_cluster_has_not_told(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as ended:
        made_secrets(tmp_path, "kubernetes", AWS_ACCESS_KEY_ID="id")

    assert b"GREENROOM_DATABASE_URL GREENROOM_REDIS_URL REDIS_PASSWORD AWS_SECRET_ACCESS_KEY" in ended.value.stderr


def test_only_the_controller_and_prometheus_reach_a_pod_and_only_nodes() -> None:
    policies = {one["metadata"]["name"]: one["spec"] for one in of("NetworkPolicy")}

    assert policies["nobody"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    taking = [spec for spec in policies.values() if spec.get("ingress")]
    assert [spec["podSelector"]["matchLabels"]["app.kubernetes.io/component"] for spec in taking] == ["api"]
    for template in templates():
        assert (
            template["metadata"]["labels"].items() >= policies["from-greenroom"]["podSelector"]["matchLabels"].items()
        )
    assert of("Ingress")[0]["spec"]["ingressClassName"]


def test_kubectl_puts_it_together_as_written() -> None:
    """Where kubectl is installed; without it the files are still checked one by one above."""
    if (kubectl := shutil.which("kubectl")) is None:
        return

    built = subprocess.run([kubectl, "kustomize", str(FOLDER)], capture_output=True, text=True, check=True).stdout

    assert len(list(yaml.safe_load_all(built))) == len(DOCUMENTS)


def test_workers_are_scaled_on_the_stream_that_jobs_go_to() -> None:
    (scaled,) = of("ScaledObject")
    assert scaled["spec"]["scaleTargetRef"]["name"] in {one["metadata"]["name"] for one in of("Deployment")}
    (trigger,) = scaled["spec"]["triggers"]
    broker: Any = jobs_stream("redis://127.0.0.1:9", site=Settings.model_fields["site"].default)
    assert trigger["metadata"]["stream"] == broker.queue_name
    assert trigger["metadata"]["consumerGroup"] == broker.consumer_group_name


def test_the_commands_of_the_page_do_what_they_say(tmp_path: Path) -> None:
    """In a copy of `deploy/`, with programs that only note what they are told."""
    page = (ROOT / "docs" / "operating" / "secrets.md").read_text()
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    (tmp_path / "bin").mkdir()
    for name in ("kubectl", "docker"):
        (tmp_path / "bin" / name).write_text('#!/bin/sh\necho "$0 $*" >>told\n')
        (tmp_path / "bin" / name).chmod(0o755)
    script = "\n".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL))

    path = f"{tmp_path / 'bin'}:/usr/bin:/bin"
    subprocess.run(["sh", "-euc", script], cwd=tmp_path, check=True, env={"PATH": path, "FAL_KEY": "mine"})

    for folder in ("secrets", "secrets/kubernetes"):
        assert (tmp_path / folder / "fal_key").read_text() == "mine"
    told = (tmp_path / "told").read_text()
    assert "--from-file=secrets/kubernetes" in told
    assert "apply --kustomize deploy/kubernetes" in told
    assert (tmp_path / "secrets" / "kubernetes" / "redis_password").read_text() == "PASSWORD"
