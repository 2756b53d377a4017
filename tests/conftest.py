"""What all tests share: the community read once, and in CI a skip is a failure."""

import os
from pathlib import Path

import pytest

from engagement import cluster, engines, study

COMMUNITY = Path(__file__).parent.parent / "data" / "community"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and CI skips nothing: {item.nodeid}"


@pytest.fixture(scope="session")
def opened():
    """The study of the synthetic community."""
    return study.load(COMMUNITY)


@pytest.fixture(scope="session")
def room(opened):
    """Its records room, which no test changes."""
    return engines.records(opened)


@pytest.fixture(scope="session")
def counted(room, opened):
    """What leaves that room."""
    return engines.counts(room, opened)


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """Spark on this machine, started once for all tests that need it."""
    settings = {"spark.sql.shuffle.partitions": "2", "spark.driver.memory": "1g"}
    session = cluster.session(tmp_path_factory.mktemp("spill"), settings=settings)
    yield session
    session.stop()
