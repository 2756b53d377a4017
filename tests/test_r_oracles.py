"""R finds the same numbers: penalised fits (brglm2) and variances of clusters (two packages).

Computed once with R 4.2.2 (Debian 12), brglm2 0.9, geepack 1.3.9 and clubSandwich 0.5.8, and
typed here; the call stands with each table. R is not needed to run the tests.
"""

import numpy as np
import pytest
from published import cowles, psid1976, sex2, voteincome, womenlf

from engagement.analysis import contrasts, firth

# Thirty-six members, made up: group:x:z:due:attended.
MEMBERS = """
    0:0:0:12:6 0:0:0:6:3 0:0:-1:6:5 0:0:2:7:7 0:0:1:12:6 1:0:1:11:1 1:0:2:10:5 1:0:0:8:3
    1:0:-2:11:6 1:0:0:7:2 2:0:-2:11:10 2:0:0:6:6 2:0:1:8:6 2:0:-1:7:6 3:0:-1:6:4 3:1:2:6:4
    3:0:-1:11:4 3:0:1:6:6 4:0:1:12:10 4:0:1:12:10 4:0:1:10:10 5:1:-1:11:3 5:0:2:9:3
    5:1:1:11:4 5:0:0:12:7 5:1:2:7:2 6:1:-1:12:3 6:1:2:8:5 6:0:2:12:10 6:0:-1:10:6
    7:0:-2:11:2 7:0:-1:12:9 7:0:0:6:2 7:0:1:9:6 7:0:-2:6:4 7:0:0:12:11
"""


def made():
    """Design, attended, due and group of the thirty-six."""
    numbers = np.array([one.split(":") for one in MEMBERS.split()], float)
    design = np.column_stack([np.ones(len(numbers)), numbers[:, 1:3]])
    return design, numbers[:, 4], numbers[:, 3], numbers[:, 0].astype(int)


def rows(data, *columns):
    """Design with intercept, outcome and ones."""
    design = np.column_stack([np.ones(len(data)), *columns]).astype(float)
    return design, data["attended"].to_numpy(float), np.ones(len(data))


def of_cowles():
    data = cowles()
    n, e = data["neuroticism"], data["extraversion"]
    return rows(data, data["sex"] == "male", n, e, n * e)


def of_psid():
    data = psid1976()
    names = ["other_income", "education", "experience", "age", "youngkids", "oldkids"]
    return rows(data, *(data[name] for name in names), data["experience"] ** 2)


def of_women():
    data = womenlf()
    data = data.assign(attended=(data["work"] != "not.work").astype(float))
    return rows(data, data["hincome"], data["children"] == "present")


def of_voters():
    data = voteincome()
    return rows(data, *(data[name] for name in ("income_group", "education", "age", "female")))


# coef() and sqrt(diag(vcov())) of
# glm(…, binomial, method = "brglmFit", type = "AS_mean", epsilon = 1e-12), in our order.
BRGLM2 = {
    "sex2": (
        sex2,
        """0.1202540491338 -1.1059813313813 -0.0688167270619 2.2688746522391 -2.1114081853032
        -0.7883169513967 3.0960118273508""",
        """0.485541505923 0.423660128709 0.443793445906 0.548415958971 0.543082354902
        0.417367565775 1.675008413593""",
    ),
    "cowles": (
        of_cowles,
        """-2.34201106698642 -0.24613084188202 0.10990648688747 0.16562012297472
        -0.00848525134325""",
        """0.50084224473654 0.11160261040273 0.03762198686790 0.03768723038674
        0.00293180818166""",
    ),
    "psid1976": (
        of_psid,
        """0.42562543168549 -0.02089185140405 0.21737835310086 0.20400877647418
        -0.08688970834806 -1.42091859646644 0.05945149864321 -0.00314888482529""",
        """0.85729620714796 0.00838341552997 0.04323142383513 0.03190962102489
        0.01450495586511 0.20246345065629 0.07451621730898 0.00101112734136""",
    ),
    "voteincome": (
        of_voters,
        """-0.8757081611409 0.0941262791440 0.2233626696773 0.0163709258572
        0.3091302380883""",
        """0.37482221258092 0.02160586188905 0.08975745155497 0.00431473640844
        0.15056321377068""",
    ),
    "womenlf": (
        of_women,
        "1.3064837851601 -0.0411408784826 -1.5539128554713",
        "0.3820012226959 0.0196973806733 0.2914825130005",
    ),
    "made": (
        lambda: made()[:3],
        "0.5324919511900 -1.0908916099311 0.1506071539905",
        "0.12493610262415 0.30966483882940 0.08964447964046",
    ),
}


@pytest.mark.parametrize("name", BRGLM2)
def test_penalised_fits_are_those_of_brglm2(name):
    data, coefficients, errors = BRGLM2[name]
    fit = firth.logistic(*data())
    assert fit.coefficients == pytest.approx(np.array(coefficients.split(), float), rel=2e-8)
    assert fit.std_errors == pytest.approx(np.array(errors.split(), float), rel=2e-8)


# rows: one per session; h <- glm(y ~ x + z, binomial, rows, epsilon = 1e-14)
# clubSandwich::vcovCR(h, cluster = rows$group, type = "CR3"), the lower triangle; and
# geepack::geeglm(y ~ x + z, binomial, rows, id = rows$group, corstr = "independence",
#   std.err = "j1s", control = geese.control(epsilon = 1e-14, maxit = 500))$geese$vbeta.j1s
# without its factor (K - 4) / K. The one-step jackknife is the variance of Mancl and DeRouen.
OF_GROUPS = {
    "clubSandwich": """0.10950870854002 -0.10100349693929 0.19196191677884
        0.02298841267758 -0.01272257870183 0.03699996270053""",
    "geepack": """0.10950870854003 -0.10100349693930 0.19196191677886
        0.02298841267759 -0.01272257870184 0.03699996270054""",
}
# The same with cluster = rows$member and id = rows$member.
OF_MEMBERS = {
    "clubSandwich": """0.048257500848502 -0.049342534283679 0.11516087210158
        0.001534720538227 -0.01255047940287 0.025270452514650""",
    "geepack": """0.04825750084851 -0.04934253428369 0.11516087210160
        0.00153472053823 -0.01255047940288 0.02527045251465""",
}


def triangle(text):
    return np.array(text.split(), float)


@pytest.mark.parametrize("package", OF_GROUPS)
def test_variances_of_groups_and_of_members_are_those_of_r(package):
    design, attended, due, group = made()
    fit = firth.logistic(design, attended, due, penalised=False)
    lower = np.tril_indices(3)
    groups = contrasts.clustered_on_groups(fit, group)[lower]
    members = contrasts.clustered_on_members(fit, np.ones(len(group)))[lower]
    assert groups == pytest.approx(triangle(OF_GROUPS[package]), rel=1e-9)
    assert members == pytest.approx(triangle(OF_MEMBERS[package]), rel=1e-9)


def test_errors_of_wives_who_are_of_one_age_are_those_of_r():
    # g <- geeglm(attended ~ other_income + education + youngkids, binomial, p, id = p$age, …) as
    # above, sqrt(diag(g$geese$vbeta.j1s) * 31 / (31 - 5)); p is AER's PSID1976 sorted by age.
    # clubSandwich's CR3 agrees to seven digits.
    data = psid1976()
    design, attended, ones = rows(data, data["other_income"], data["education"], data["youngkids"])
    fit = firth.logistic(design, attended, ones, penalised=False)
    found = contrasts.clustered_on_groups(fit, data["age"].to_numpy())
    printed = "0.44388109640202 0.00856779087770 0.04373727195547 0.15795264673614"
    assert np.sqrt(np.diag(found)) == pytest.approx(triangle(printed), rel=1e-9)
