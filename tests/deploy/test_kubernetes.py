"""The Kubernetes manifests: valid against the API's schemas, and about the same things as each other."""

from typing import Any

import kubernetes_validate
import pytest
import yaml

from app.adapters.redis.task_queue import jobs_stream
from app.runtime.settings.site import Settings
from app.runtime.settings.vendors import StorageSettings
from tests.deploy.files import ROOT, a_command

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
    if document["apiVersion"].startswith("keda.sh/"):  # KEDA's own kind; its schema is not the API's
        assert document["spec"]["scaleTargetRef"]["name"] in {one["metadata"]["name"] for one in of("Deployment")}
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
        a_command(container["args"])
        if "livenessProbe" in container and "exec" in container["livenessProbe"]:
            a_command(container["livenessProbe"]["exec"]["command"][1:])


def test_each_deployment_survives_an_eviction() -> None:
    guarded = {
        budget["spec"]["selector"]["matchLabels"]["app.kubernetes.io/component"] for budget in of("PodDisruptionBudget")
    }

    assert guarded == {deployment["metadata"]["name"] for deployment in of("Deployment")}
    assert all(
        one["spec"]["selector"]["matchLabels"].items() <= one["spec"]["template"]["metadata"]["labels"].items()
        for one in of("Deployment")
    )


def test_what_is_configured_are_settings() -> None:
    known = {f"GREENROOM_{name.upper()}" for name in Settings.model_fields}
    known |= {name.upper() for name in StorageSettings.model_fields}

    (config,) = of("ConfigMap")
    assert set(config["data"]) <= known
    assert {
        secret.split("=")[0].upper()
        for secret in yaml.safe_load((FOLDER / "kustomization.yaml").read_text())["secretGenerator"][0]["files"]
    } <= known


def test_workers_are_scaled_on_the_stream_that_jobs_go_to() -> None:
    (scaled,) = of("ScaledObject")
    (trigger,) = scaled["spec"]["triggers"]
    broker: Any = jobs_stream("redis://127.0.0.1:9", site=Settings.model_fields["site"].default)
    assert trigger["metadata"]["stream"] == broker.queue_name
    assert trigger["metadata"]["consumerGroup"] == broker.consumer_group_name
