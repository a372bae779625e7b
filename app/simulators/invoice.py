"""Invoices of the providers: counted from the jobs they accepted, never from what customers report."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.simulators.clock import rfc3339
from app.simulators.jobs import Job
from app.simulators.vendor import SimulatedProvider


def vendor_bill(vendor: SimulatedProvider) -> dict[str, Any]:
    """Make one provider's invoice.

    `jobs_accepted` counts accepted jobs; `jobs_charged` billed ones; `paid_twice` the recipes (same sound,
    same picture, same model) that were charged more than once. Amounts are decimal text, dollars.
    """
    jobs = vendor.jobs.all()
    charged = [job for job in jobs if vendor.charged(job)]
    recipes = Counter(_recipe(job) for job in charged)
    amount = sum((vendor.amount(job) for job in charged), Decimal(0)) + sum(
        (u.amount for u in vendor.usage), Decimal(0)
    )
    return {
        "jobs_accepted": len(jobs),
        "jobs_charged": len(charged),
        "paid_twice": sum(1 for times in recipes.values() if times > 1),
        "seconds": str(sum((job.seconds or Decimal(0) for job in charged), Decimal(0))),
        "requests": len(vendor.usage),
        "characters": sum(use.characters for use in vendor.usage),
        "amount": str(amount),
        "currency": "USD",
    }


def whole_bill(vendors: Mapping[str, SimulatedProvider]) -> dict[str, Any]:
    """Make all invoices and their sum."""
    accounts = {name: vendor_bill(vendor) for name, vendor in vendors.items()}
    total = sum((Decimal(account["amount"]) for account in accounts.values()), Decimal(0))
    jobs = sum(account["jobs_charged"] for account in accounts.values())
    return {"vendors": accounts, "jobs_charged": jobs, "amount": str(total), "currency": "USD"}


def job_line(vendor: SimulatedProvider, job: Job) -> dict[str, Any]:
    """Describe one job for the control API."""
    return {
        "id": job.id,
        "vendor": job.vendor,
        "model": job.order.model,
        "phase": vendor.phase(job).value,
        "created_at": rfc3339(job.created_at),
        "body": job.order.body,
        "webhook": job.order.webhook,
        "digests": job.digests,
        "seconds": None if job.seconds is None else str(job.seconds),
        "charged": vendor.charged(job),
        "amount": str(vendor.amount(job)),
        "problem": None if job.problem is None else job.problem.message,
        "flaws": sorted(job.flaws),
    }


def _recipe(job: Job) -> tuple[str, str, str]:
    seen = job.digests.get("image") or job.digests.get("video") or ""
    return job.order.model, job.audio_key, seen
