"""The tables that the project knows, one for each study, and what stands in for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # what only looks for a file does without
    import pandas as pd


class Simulation(Protocol):
    """What a simulator returns."""

    @property
    def truth(self) -> pd.Series:
        """The planted segment of each unit, by raw number."""

    def write_csv(self, path: Path) -> None:
        """Write the table to a file."""


@dataclass(frozen=True)
class Dataset:
    """A table that the project knows.

    Attributes
    ----------
    name, file_name, title, citation : str
    url : str
        The canonical address; empty where none is known for this very file.
    sha256 : str
        Of the published file, 64 hex digits; empty where none is published, so that only a given file is real.
    licence : str
    public : bool
        Whether one point per unit may be shown.
    simulate : str or callable
        The simulator, called with a seed; as text ``module:function``, imported when it is needed.
    study : str
        The study that it is for.
    simulated : str
        What the simulation is one of, where that is not the published table itself.
    """

    name: str
    file_name: str
    title: str
    url: str
    sha256: str
    licence: str
    citation: str
    public: bool
    simulate: str | Callable[[int], Simulation]
    study: str
    simulated: str = ""

    @property
    def suffix(self) -> str:
        """The ending of the file; none for a folder of tables."""
        return Path(self.file_name).suffix

    @property
    def stood_in_for(self) -> str:
        """What the simulation stands in for."""
        return f"the {self.title}" if self.sha256 or not self.simulated else self.simulated

    @property
    def simulation(self) -> str:
        """The title of the simulation."""
        return f"Simulation of {self.simulated or f'the {self.title}'}"


CALLS = Dataset(
    name="walsoft-calls",
    file_name="walsoft_calls.csv",
    title="Walsoft semi-categorised phone dataset",
    url="https://learn.walsoftcomputers.com/machine_learning/walsoft_phonecall/"
    "original_dataset_with_instructions/walsoft_semi_categorized_phone_dataset.csv",
    sha256="1314167f6dc878b65aaa7db744d57399925b6f7ad2788adf10deb4ae9fac2943",
    licence="CC0 1.0",
    citation="P. T. L. Walekhwa (2026). Walsoft semi-categorised phone dataset. Walsoft Computers. CC0 1.0.",
    public=True,
    simulate="segkit.data.simulate.calls:simulate_calls",
    study="contacts",
)
CDNOW = Dataset(
    name="cdnow",
    file_name="cdnow_purchases_sample.csv",
    title="CDNOW sample",
    url="",  # the authors publish the same purchases in another form
    sha256="b1ee71ed342310bbc97462eb6281833e8093a3ec0775afc9c49c8aad9a02219e",
    licence="published for research and teaching by its authors",
    citation="P. S. Fader and B. G. S. Hardie (2001). Forecasting repeat sales at CDNOW: a case study. Interfaces 31(3), "
    "S94-S107. The sample: P. S. Fader, B. G. S. Hardie and K. L. Lee (2005). \u201cCounting your customers\u201d the easy "
    "way: an alternative to the Pareto/NBD model. Marketing Science 24(2), 275-284.",
    public=True,
    simulate="segkit.data.simulate.purchases:simulate_purchases",
    study="customers",
)
BANK = Dataset(
    name="bank-marketing",
    file_name="bank_marketing.csv",
    title="UCI Bank Marketing data",
    url="",  # the repository offers an archive, whose files divide cells by semicolons and number no rows
    sha256="5a9f61194e08ae0690d11b0612e4d478b6c8ad06c3554b46ba9ef56ecb49964a",
    licence="CC BY 4.0",
    citation="S. Moro, P. Cortez and P. Rita (2014). A data-driven approach to predict the success of bank telemarketing. "
    "Decision Support Systems 62, 22-31. The data: UCI Machine Learning Repository, Bank Marketing, "
    "https://doi.org/10.24432/C5K306. CC BY 4.0.",
    public=True,
    simulate="segkit.data.simulate.leads:simulate_leads",
    study="personas",
    simulated="a file of leads",
)
CRM = Dataset(
    name="crm-contacts",
    file_name="crm_contacts.csv",
    title="CRM export",
    url="",
    sha256="",  # exports are about persons, and nobody publishes one
    licence="",
    citation="",
    public=False,
    simulate="segkit.data.simulate.prospects:simulate_prospects",
    study="channels",
    simulated="a CRM export",
)
EXPERIMENT = Dataset(  # beside the contacts of the same study
    name="hillstrom",
    file_name="hillstrom.csv",
    title="MineThatData e-mail experiment",
    url="",  # the author's address is no stable one
    sha256="ff9e59285e9dc3f5fa3e0975419e6631ea5bdccd65d818991473d2367e02979c",
    licence="published for public use by its author",
    citation="K. Hillstrom (2008). The MineThatData e-mail analytics and data mining challenge. MineThatData.",
    public=True,
    simulate="segkit.data.simulate.experiment:simulate_experiment",
    study="channels",
)
SALES = Dataset(
    name="adventureworks",
    file_name="adventureworks",  # a folder of tables
    title="AdventureWorks sample, which is fictional",
    url="",  # the publisher offers backups of a database
    sha256="0b87147e72d01c7b4581d0feb9240019a0f3bd360bd3cf88773142c03542cf13",
    licence="MIT",
    citation="Microsoft (2017). AdventureWorks sample databases, as a star schema. The company and its sales are fictional. "
    "MIT.",
    public=True,
    simulate="segkit.data.simulate.sales:simulate_sales",
    study="markets",
    simulated="a sales warehouse",
)
MESSAGES = Dataset(
    name="subscriber-messages",
    file_name="subscriber_messages.csv",
    title="log of messages with subscribers",
    url="",
    sha256="",  # such logs are about persons, and nobody publishes one
    licence="",
    citation="",
    public=False,
    simulate="segkit.data.simulate.messages:simulate_messages",
    study="conversations",
    simulated="a log of messages with subscribers",
)
COLLEGE = Dataset(  # beside the log of the same study: real messages, without texts and money
    name="college-messages",
    file_name="collegemsg.csv",
    title="CollegeMsg network",
    url="",  # its publisher offers the rows in another form, compressed
    sha256="70a84a5cab5d296defb404bb9f7472692474133754d1d3263626ed24f32efed8",
    licence="published for research by its authors",
    citation="P. Panzarasa, T. Opsahl and K. M. Carley (2009). Patterns and dynamics of users\u2019 behavior and interaction: "
    "network analysis of an online community. Journal of the American Society for Information Science and Technology 60(5), "
    "911-932. Distributed by J. Leskovec and A. Krevl, SNAP datasets.",
    public=True,
    simulate="segkit.data.simulate.college:simulate_college",
    study="conversations",
    simulated="messages between students",
)
DATASETS = {
    dataset.study: dataset for dataset in (CALLS, CDNOW, BANK, CRM, SALES, MESSAGES)
}  # the one that each study is about
