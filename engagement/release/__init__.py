"""The release room: what may leave, and the pages the committee reads.

Enters: tables of the analysis room and the study. No person enters here.
Leaves: a Release, findings.json, and documents made from it alone.
Refuses: whatever a reader could work out about fewer people than the tier's threshold.

rules → disclosure (families, attack) → store → document (summary, detail) → html, docx, pdf
                                             figures (charts), fonts, phrases, paper
"""
