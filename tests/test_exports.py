"""One export per profile, drawn by hand, and what is read in it; nobody in them exists."""

from dataclasses import replace

import numpy as np
import pytest
from drawn import source, table
from drawn import study as drawn_study
from hypothesis import given
from hypothesis import strategies as st
from test_profiles import NAMES, OUTCOME, cleaned, roster, written

from engagement import codebook, study
from engagement.codebook import profiles
from engagement.codebook.profiles import Hours
from engagement.records import clean, exports, fields
from engagement.records.reading import Reading

UNITS = """
[[unit]]
code = "b1"
level = "branch"
zh = "第一支部"
en = "North"

[[unit]]
code = "g1"
level = "group"
parent = "b1"
zh = "第一小组"
en = "Mill"
"""

# profile: (locale, the export as it stands, what is read: fields of the record, "-" is nothing)
EXPORTS = {
    "party_member_export": (
        "zh-CN",
        """
        序号 | 姓名 | 性别 | 公民身份号码 | 民族 | 出生日期 | 学历 | 人员类别 | 学位 | 所在党支部 | 手机号码 | 入党日期 | 转正日期 | 党龄 | 党龄校正值 | 工作岗位 | 是否失联党员 | 是否流动党员 | 入党类型 | 转正情况 | 入党时所在支部
        1 | 王芳 | 女 | . | 汉族 | 1956-03-12 | 大专 | 正式党员 | 无 | 第一支部 | 13911110001 | 1980-07-01 | 1981-07-01 | 41 | 0 | 工人 | 否 | 否 | 吸收 | 按期转正 | 某厂支部
        2 | 李强 | 男 | . | 汉族 | 1990-05-01 | 本科 | 预备党员 | 无 | 第一支部 | 13722220002 | 2022-06-30 | - | - | - | 学生 | 否 | 是 | 吸收 | - | 某校支部
        """,
        """
        name | sex    | birth_date | education | member_type  | branch | join_date  | full_date  | tenure_years | occupation | is_mobile | is_lost
        王芳 | female | 1956-03-12 | associate | full         | b1     | 1980-07-01 | 1981-07-01 | 41           | worker     | no        | no
        李强 | male   | 1990-05-01 | bachelor  | probationary | b1     | 2022-06-30 | -          | -            | student    | yes       | no
        """,
    ),
    "party_development_record": (
        "zh-CN",
        """
        序号 | 姓名 | 性别 | 申请入党日期 | 手机号码 | 申请入党日期 | 工作岗位 | 工作单位及职务 | 加入党组织日期 | 人员类别 | 党籍状态 | 人员类型 | 所在党支部
        1 | 王芳 | 女 | 2020-01-05 | . | 2020-01-06 | 工人 | 某厂会计 | - | 入党申请人 | . | 群众 | 第一支部
        2 | 李强 | 男 | 2019-01-05 | . | 2019-01-05 | 学生 | 某校 | - | 积极分子 | . | 群众 | 第一支部
        3 | 赵敏 | 女 | 2018-01-05 | . | 2018-01-05 | 工人 | 某厂 | 2022-06-30 | 预备党员 | 正常 | 党员 | 第一支部
        """,
        """
        name | sex    | occupation | join_date  | member_type  | member_status | branch
        王芳 | female | worker     | -          | applicant    | -             | b1
        李强 | male   | student    | -          | activist     | -             | b1
        赵敏 | female | worker     | 2022-06-30 | probationary | normal        | b1
        """,
    ),
    "party_collection_2017": (
        "zh-CN",
        """
        姓名 | 性别 | 出生日期 | 学历 | 人员类别 | 所在党支部 | 转正日期
        王芳 | 女 | 1956年3月12日 | 高中 | 正式党员 | 第一支部 | 1981年7月
        李强 | 男 | 1990年5月 | 大专 | 预备党员 | 第一支部 | -
        """,
        """
        name | sex    | birth_date | education | member_type  | branch | full_date
        王芳 | female | 1956-03-12 | senior    | full         | b1     | 1981-07
        李强 | male   | 1990-05    | associate | probationary | b1     | -
        """,
    ),
    "party_collection_guide": (
        "zh-CN",
        """
        姓名 | 性别 | 民族 | 籍贯 | 电话 | 出生日期 | 家庭住址 | 最高学历 | 入学时间 | 专业 | 学位 | 教育类别
        王芳 | 女 | 汉 | 某省某县 | 010-62771234 | 1956.03 | 某村1号 | 大学 | 1975.09 | 中文 | 无 | 全日制
        李强 | 男 | 汉 | 某省某县 | 无 | 1990.05 | 某村2号 | 初中 | 无 | 无 | 无 | 无
        """,
        """
        name | sex    | phone         | birth_date | education
        王芳 | female | +861062771234 | 1956-03    | bachelor
        李强 | male   | -             | 1990-05    | junior
        """,
    ),
    "village_import": (
        "zh-CN",
        """
        姓名 | 出生_日期 | 学历 | 联系电话 | 户号 | 村民小组 | 与户主关系 | 住址 | 所属党支部 | 加入党组织日期 | 党员阶段 | 党内职务
        王芳 | 1956/3/12 | 小学 | 13911110001 | 0012 | 三组 | 户主 | 某村1号 | 第一支部 | 1980/7/1 | 正式党员 | 书记
        李强 | 1990/5/1 | 高中 | 13722220002 | 0012 | 三组 | 之子 | 某村1号 | 第一支部 | 2022/6/30 | 1 | 无
        """,
        """
        name | birth_date | education | phone          | household_no | origin_village | branch | join_date  | member_type | role
        王芳 | 1956-03-12 | primary   | +8613911110001 | 0012         | 三组           | b1     | 1980-07-01 | full        | 书记
        李强 | 1990-05-01 | senior    | +8613722220002 | 0012         | 三组           | b1     | 2022-06-30 | -           | -
        """,
    ),
    "platform_roster": (
        "zh-CN",
        """
        序号 | 账号 | 姓名 | 性别 | 民族 | 籍贯 | 出生年月 | 最高学位 | 党内职务 | 行政职务 | 所属党委 | 所属支部 | 所属党小组 | 入党时间
        1 | u001 | 王芳 | 女 | 汉 | 某县 | 1990年01月01日 | 学士 | 委员 | 科员 | 某委 | 第一支部 | 第一小组 | 2012年07月01日
        """,
        """
        person_id | name | sex    | birth_date | role | branch | group | join_date
        u001      | 王芳 | female | 1990-01-01 | 委员 | b1     | g1    | 2012-07-01
        """,
    ),
    "enterprise_roster": (
        "zh-CN",
        """
        序号 | 账号 | 姓名 | 性别 | 民族 | 出生年月 | 党内职务 | 行政职务 | 所属支部 | 入党时间 | 入党日期(接收预备党员日期) | 正式转正日期 | 全国党员信息系统编码 | 年度集中培训时长 | 原所在党支部 | 转入时间 | 转出时间
        1 | u001 | 王芳 | 女 | 汉 | 1990年01月01日 | 委员 | 经理 | 第一支部 | 2012-07-02 | 2012-07-01 | 2013-07-01 | 900001 | 40 | 老支部 | 2015-01-01 | .
        2 | u002 | 李强 | 男 | 汉 | 1991年02月03日 | 无 | 职员 | 第一支部 | 2013-07-02 | 2013-07-01 | 2014-07-01 | 900002 | 2天半 | . | . | .
        """,
        """
        person_id | name | sex    | birth_date | role | branch | join_date  | full_date  | study_hours | transfer_in
        900001    | 王芳 | female | 1990-01-01 | 委员 | b1     | 2012-07-01 | 2013-07-01 | 40          | 2015-01-01
        900002    | 李强 | male   | 1991-02-03 | -    | b1     | 2013-07-01 | 2014-07-01 | 20          | -
        """,
    ),
    "mobile_member_register": (
        "zh-CN",
        """
        党员 | 流动类型 | 流向地/单位 | 流出日期 | 预计返回 | 流动党员证编号 | 状态 | 联系记录 | 备注
        王芳 | 流出 | 某市 | 2021-03-01 | 2023-03-01 | LD001 | 在流动中 | 已电话联系 | .
        李强 | 流出 | 某市 | 2021-05-01 | 2022-12-31 | LD002 | 已返回 | . | .
        赵敏 | 流出 | 不详 | 2020-05-01 | . | LD003 | 失联 | . | .
        """,
        """
        name | mobile_kind | mobile_from | mobile_to  | mobile_card_no | mobile_state
        王芳 | out         | 2021-03-01  | 2023-03-01 | LD001          | away
        李强 | out         | 2021-05-01  | 2022-12-31 | LD002          | returned
        赵敏 | out         | 2020-05-01  | -          | LD003          | lost
        """,
    ),
    "branch_minutes": (
        "zh-CN",
        """
        活动类型 | 会议类型 | 主题 | 时间 | 地点 | 主持人 | 记录人 | 应到人数 | 实到人数 | 缺席人员 | 缺席原因 | 议程 | 决议
        三会一课 | 支部党员大会 | 学习 | 2022-03-05 | 会议室 | 王芳 | 李强 | 20 | 15 | 赵敏 | 出差 | 学习 | 通过
        主题党日 | 主题党日 | 义务劳动 | 2022-03-12 | 广场 | 王芳 | 李强 | 20 | 12 | . | . | 劳动 | 无
        """,
        """
        duty_type       | event_date | due_count | present_count | resolution
        general_meeting | 2022-03-05 | 20        | 15            | passed
        theme_day       | 2022-03-12 | 20        | 12            | none
        """,
    ),
    "volunteer_attendance": (
        "zh-CN",
        """
        姓名 | 证件号 | 志愿者证号 | 手机号 | 活动名称 | 活动日期 | 签到时间 | 签退时间 | 服务时长
        王芳 | . | V001 | 186****2991 | 清扫 | 2022-03-05 | 08:00 | 10:30 | 3
        李强 | . | V002 | 13722220002 | 清扫 | 2022-03-05 | . | . | .
        """,
        """
        name | volunteer_no | event_title | event_date | check_in | attend_status | hours
        王芳 | V001         | 清扫        | 2022-03-05 | 08:00    | attended      | 3
        李强 | V002         | 清扫        | 2022-03-05 | -        | unknown       | -
        """,
    ),
    "volunteer_certificate": (
        "zh-CN",
        """
        姓名 | 证件类型 | 证件号 | 志愿者编号 | 服务时间(小时) | 服务内容 | 出具主体 | 负责人 | 经办人 | 证明编号 | 日期
        王芳 | 身份证 | . | V001 | 12.5 | 清扫 | 某社区 | 周涛 | 吴军 | Z001 | 2022-03-05
        李强 | 身份证 | . | V002 | 120分钟 | 清扫 | 某社区 | 周涛 | 吴军 | Z002 | 2022-03-05
        """,
        """
        name | volunteer_no | hours
        王芳 | V001         | 12.5
        李强 | V002         | 2
        """,
    ),
    "volunteer_record": (
        "zh-CN",
        """
        姓名 | 性别 | 志愿者编号 | 联系方式 | 服务时间 | 培训情况 | 表彰奖励情况 | 评价情况
        王芳 | 女 | V001 | 13911110001 | 半天 | 已培训 | 优秀志愿者 | 优秀
        """,
        """
        name | sex    | volunteer_no | phone          | hours
        王芳 | female | V001         | +8613911110001 | 4
        """,
    ),
    "in_service_register": (
        "zh-CN",
        """
        序号 | 姓名 | 性别 | 工作单位 | 联系电话 | 报到社区 | 报到时间 | 认领岗位 | 报到次数 | 服务时长
        1 | 王芳 | 女 | 某局 | 13911110001 | 某社区 | 2022-03-05 | 文明劝导 | 3 | 6小时
        """,
        """
        name | sex    | phone          | corps    | hours
        王芳 | female | +8613911110001 | 文明劝导 | 6
        """,
    ),
    "lost_contact_list": (
        "zh-CN",
        """
        序号 | 姓名 | 性别 | 入党时间 | 所在党支部 | 失去联系时间 | 失去联系情形 | 党组织类别 | 备注
        1 | 王芳 | 女 | 1980-07-01 | 第一支部 | 2019-03 | ① | ⑦ | .
        2 | 李强 | 男 | 1990-07-01 | 第一支部 | 2020-05-06 | 7 | ⑦ | .
        """,
        """
        name | sex    | join_date  | branch | lost_from  | lost_reason
        王芳 | female | 1980-07-01 | b1     | 2019-03    | work_away
        李强 | male   | 1990-07-01 | b1     | 2020-05-06 | other
        """,
    ),
    "civicrm_participant": (
        "en-US",
        """
        Contact ID | Display Name | Event ID | Event Title | Event Start Date | Participant ID | Participant Status | Participant Role | Register Date | Test
        11 | Ann Field | 5 | Spring meeting | 2022-03-04 18:00:00 | 901 | Registered | Attendee | 2022-02-01 09:00:00 | No
        12 | Bo Lake | 5 | Spring meeting | 2022-03-04 18:00:00 | 902 | Attended | Attendee | 2022-02-01 09:00:00 | No
        13 | Cy Moor | 5 | Spring meeting | 2022-03-04 18:00:00 | 903 | 3 | Attendee | 2022-02-01 09:00:00 | No
        14 | Di Wood | 5 | Spring meeting | 2022-03-04 18:00:00 | 904 | Cancelled | Attendee | 2022-02-01 09:00:00 | No
        15 | Ed Glen | 5 | Spring meeting | 2022-03-04 18:00:00 | 905 | Pending (pay later) | Attendee | 2022-02-01 09:00:00 | No
        16 | Flo Hill | 5 | Spring meeting | 2022-03-04 18:00:00 | 906 | Transferred | Attendee | 2022-02-01 09:00:00 | No
        17 | Gus Dale | 5 | Spring meeting | 2022-03-04 18:00:00 | 907 | Attended | Attendee | 2022-02-01 09:00:00 | Yes
        """,
        """
        person_id | name      | event_id | event_title    | event_date | attend_status
        11        | Ann Field | 5        | Spring meeting | 2022-03-04 | registered
        12        | Bo Lake   | 5        | Spring meeting | 2022-03-04 | attended
        13        | Cy Moor   | 5        | Spring meeting | 2022-03-04 | no_show
        14        | Di Wood   | 5        | Spring meeting | 2022-03-04 | cancelled
        15        | Ed Glen   | 5        | Spring meeting | 2022-03-04 | pending
        -         | -         | -        | -              | -          | -
        -         | -         | -        | -              | -          | -
        """,
    ),
    "civicrm_contact": (
        "en-GB",
        """
        Contact ID | Contact Type | Sort Name | Display Name | First Name | Last Name | gender_id | Birth Date | Membership Type | Membership Status | Member Since | Deceased
        11 | Individual | Field, Ann | Ann Field | Ann | Field | 1 | 1970-02-03 | General | Current | 2010-05-06 | No
        12 | Individual | Lake, Bo | Bo Lake | Bo | Lake | 2 | 1981-05-06 | General | Grace | 2011-05-06 | No
        13 | Individual | Moor, Cy | Cy Moor | Cy | Moor | 3 | . | Student | 4 | 2012-05-06 | No
        14 | Organization | Some Firm | Some Firm | . | . | . | . | . | Current | . | No
        """,
        """
        person_id | name      | sex    | birth_date | member_status | join_date  | deceased
        11        | Ann Field | female | 1970-02-03 | normal        | 2010-05-06 | no
        12        | Bo Lake   | male   | 1981-05-06 | grace         | 2011-05-06 | no
        13        | Cy Moor   | other  | -          | lapsed        | 2012-05-06 | no
        -         | -         | -      | -          | -             | -          | -
        """,
    ),
    "v4s_hours": (
        "en-US",
        """
        Name | Contact__c | Full_Name__c | Volunteer_Job__c | Volunteer_Shift__c | Status__c | Start_Date__c | Planned_Start_Date_Time__c | Hours_Worked__c | Number_of_Volunteers__c | Total_Hours_Worked__c
        00001 | 003A | Field, Ann | a0J1 | a0S1 | Completed | 2022-03-04 | 2022-03-04T08:00:00.000Z | 3 | 1 | 3
        00002 | 003B | Lake, Bo | a0J1 | a0S1 | Completed | 2022-03-04 | . | 2.5 | 4 | 10
        00003 | 003C | Moor, Cy | a0J1 | a0S1 | No-Show | 2022-03-04 | . | 0 | 1 | .
        00004 | 003D | Wood, Di | a0J1 | a0S1 | Confirmed | 2022-03-04 | . | . | 1 | .
        00005 | 003E | Glen, Ed | a0J1 | a0S1 | Prospect | 2022-03-04 | . | . | 1 | .
        00006 | 003F | Hill, Flo | a0J1 | a0S1 | Canceled | 2022-03-04 | . | . | 1 | .
        """,
        """
        person_id | event_title | event_id | attend_status | event_date | hours | party_size
        003A      | a0J1        | a0S1     | attended      | 2022-03-04 | 3     | 1
        003B      | a0J1        | a0S1     | attended      | 2022-03-04 | 2.5   | 4
        003C      | a0J1        | a0S1     | no_show       | 2022-03-04 | 0     | 1
        003D      | a0J1        | a0S1     | registered    | 2022-03-04 | -     | 1
        003E      | a0J1        | a0S1     | not_answered  | 2022-03-04 | -     | 1
        003F      | a0J1        | a0S1     | cancelled     | 2022-03-04 | -     | 1
        """,
    ),
    "osdi_attendance": (
        "en-US",
        """
        identifiers | action_date | status | attended | comment | osdi:person | osdi:event | osdi:invited_by | start_date | title
        s:1 | 2022-02-01T11:02:15Z | accepted | true | . | p1 | e1 | p9 | 2022-03-04T18:00:00Z | Meeting
        s:2 | 2022-02-01T11:02:15Z | declined | false | . | p2 | e1 | . | 2022-03-04T18:00:00Z | Meeting
        s:3 | 2022-02-01T11:02:15Z | needs action | false | . | p3 | e1 | p9 | 2022-03-04T18:00:00Z | Meeting
        s:4 | 2022-02-01T11:02:15Z | confirmed | true | . | p4 | e1 | . | 2022-03-04T18:00:00Z | Meeting
        """,
        """
        person_id | event_id | event_title | event_date | answer | attend_status | invited_by
        p1        | e1       | Meeting     | 2022-03-04 | yes    | attended      | p9
        p2        | e1       | Meeting     | 2022-03-04 | no     | unknown       | -
        p3        | e1       | Meeting     | 2022-03-04 | none   | unknown       | p9
        p4        | e1       | Meeting     | 2022-03-04 | yes    | attended      | -
        """,
    ),
    "churchcrm_person": (
        "en-US",
        """
        per_ID | per_FirstName | per_MiddleName | per_LastName | per_CellPhone | per_HomePhone | per_BirthMonth | per_BirthDay | per_BirthYear | per_MembershipDate | per_Gender | per_cls_ID | per_fam_ID
        11 | Ann | B | Field | . | . | 3 | 12 | 1956 | 1980-07-01 | 2 | 1 | 7
        12 | Bo | . | Lake | . | . | 3 | 0 | 1957 | . | 1 | 2 | 0
        13 | Cy | . | Moor | . | . | 0 | 0 | 1958 | . | 0 | 3 | 0
        14 | Di | . | Wood | . | . | 4 | 5 | 0 | . | 2 | 5 | 0
        15 | Ed | . | Glen | . | . | 0 | 0 | . | . | 1 | 0 | 0
        """,
        """
        person_id | name        | birth_date | join_date  | sex    | member_type | household_no
        11        | Ann B Field | 1956-03-12 | 1980-07-01 | female | full        | 7
        12        | Bo Lake     | 1957-03    | -          | male   | regular     | -
        13        | Cy Moor     | 1958       | -          | -      | guest       | -
        14        | Di Wood     | -          | -          | female | outside     | -
        15        | Ed Glen     | -          | -          | male   | -           | -
        """,
    ),
    "churchcrm_event_attend": (
        "en-US",
        """
        attend_id | event_id | person_id | checkin_date | checkin_id | checkout_date | checkout_id
        1 | 5 | 11 | 2022-03-06 10:25:00 | 1 | 2022-03-06 11:55:00 | 1
        2 | 5 | 12 | 2022-03-06 10:31:00 | 1 | . | .
        3 | 5 | 13 | NULL | . | NULL | .
        """,
        """
        event_id | person_id | attend_status | event_date | hours
        5        | 11        | attended      | 2022-03-06 | 1.5
        5        | 12        | attended      | 2022-03-06 | -
        5        | 13        | unknown       | -          | -
        """,
    ),
    "wildapricot_contact": (
        "en-US",
        """
        User ID | First name | Last name | Organization | Email | Membership enabled | Membership level | Membership status | Member since | Archived
        11 | Ann | Field | Some Firm | ann@example.org | yes | Gold | Active | 2010-05-06 | no
        12 | Bo | Lake | . | bo@example.org | yes | Gold | Lapsed | 2011-05-06 | no
        13 | Cy | Moor | . | cy@example.org | yes | Gold | Pending - Renewal | 2012-05-06 | no
        14 | Di | Wood | . | di@example.org | no | . | . | . | no
        """,
        """
        person_id | name      | email           | member_status | join_date
        11        | Ann Field | ann@example.org | normal        | 2010-05-06
        12        | Bo Lake   | bo@example.org  | lapsed        | 2011-05-06
        13        | Cy Moor   | cy@example.org  | grace         | 2012-05-06
        -         | -         | -               | -             | -
        """,
    ),
    "union_register": (
        "de-DE",
        """
        Mitgliedsnummer | Vorname | Nachname | Geburtsdatum | Geschlecht | Ortsverein | Betriebsgruppe | Arbeitgeber | Eintrittsdatum | Mitgliedsart | Telefon
        4711 | Änne | Feldmann | 12.03.1956 | weiblich | North | Mill | Werk AG | 01.07.1980 | Vollmitglied | 030 901820
        4712 | Bodo | See | 05.06.1981 | divers | North | Mill | Werk AG | 2.7.2011 | Fördermitglied | .
        """,
        """
        person_id | name          | birth_date | sex    | branch | group | join_date  | member_type | phone
        4711      | Änne Feldmann | 1956-03-12 | female | b1     | g1    | 1980-07-01 | full        | +4930901820
        4712      | Bodo See      | 1981-06-05 | other  | b1     | g1    | 2011-07-02 | associate   | -
        """,
    ),
    "church_register": (
        "en-GB",
        """
        Person No | First name | Surname | Date of birth | Gender | Congregation | House group | Status | Date of membership | Denomination
        11 | Ann | Field | 12/03/1956 | F | North | Mill | Communicant member | 01/07/1980 | .
        12 | Bo | Lake | 05/06/1981 | M | North | Mill | Visitor | . | .
        """,
        """
        person_id | name      | birth_date | sex    | branch | group | member_type | join_date
        11        | Ann Field | 1956-03-12 | female | b1     | g1    | full        | 1980-07-01
        12        | Bo Lake   | 1981-06-05 | male   | b1     | g1    | guest       | -
        """,
    ),
    "club_register": (
        "de-DE",
        """
        Mitglieds-Nr. | Name | Geburtsdatum | Geschlecht | Abteilung | Mannschaft | Mitgliedschaft | Eintritt | Erziehungsberechtigte
        11 | Änne Feldmann | 12.03.1956 | w | North | Mill | aktiv | 1.7.1980 | .
        12 | Bodo See | 05.06.2011 | m | North | Mill | passiv | 2.7.2021 | Frau See
        """,
        """
        person_id | name          | birth_date | sex    | branch | group | member_type | join_date
        11        | Änne Feldmann | 1956-03-12 | female | b1     | g1    | full        | 1980-07-01
        12        | Bodo See      | 2011-06-05 | male   | b1     | g1    | associate   | 2021-07-02
        """,
    ),
}  # fmt: skip


def read(folder, name: str) -> clean.Cleaned:
    """The export of profile `name` as a study with nothing else in it reads it."""
    locale, drawn, _ = EXPORTS[name]
    text = roster("export.csv", profiles.named(name).kind, name) + OUTCOME + UNITS
    return cleaned(written(folder, text, locale, export=drawn))


def rule_of(field, own):
    return fields.rule(field, own, drawn_study())


def test_every_profile_has_an_export():
    assert set(EXPORTS) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_an_export_is_read_as_its_system_means_it(tmp_path, name):
    found = read(tmp_path, name).records[profiles.named(name).kind]
    expected = table(EXPORTS[name][2])
    held = found[list(expected.columns)].astype("str").reset_index(drop=True)
    assert held.fillna("-").to_dict("records") == expected.fillna("-").to_dict("records")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_an_export_is_lost_in_the_account(tmp_path, name):
    [line] = read(tmp_path, name).manifest.to_dict("records")
    assert line["profile"] == name
    parts = ("structural", "clean", "quarantined", "duplicates")
    assert line["rows"] == sum(line[part] for part in parts)


DIGITS = {
    "churchcrm_person": ("per_ID | per_Gender | per_cls_ID", "11 | 1 | 1", ("sex", "member_type")),
    "civicrm_contact": ("Contact ID | gender_id", "11 | 1", ("sex",)),
    "civicrm_participant": (
        "Contact ID | Event date | attend_status",
        "11 | 2022-03-04 | 2",
        ("attend_status",),
    ),
    "lost_contact_list": ("姓名 | 失去联系情形", "王芳 | 1", ("lost_reason",)),
    "osdi_attendance": ("Contact ID | Event date | attended", "1 | 2022-03-04 | 1", ("attend_status",)),
}  # fmt: skip


@pytest.mark.parametrize("name", DIGITS)
def test_the_same_digits_without_the_profile_are_refused(tmp_path, name):
    header, row, coded = DIGITS[name]
    kind = profiles.named(name).kind
    bare = written(tmp_path / "bare", roster("m.csv", kind) + OUTCOME, m=f"{header}\n{row}")
    refused = cleaned(bare).quarantine
    assert set(refused.loc[refused["reason"] == "undeclared_digit", "field"]) == set(coded)


def test_a_profile_decodes_no_digit_that_it_does_not_name(tmp_path):
    drawn = "per_ID | per_Gender | per_cls_ID\n11 | 3 | 9"
    text = roster("m.csv", "members", "churchcrm_person") + OUTCOME
    refused = cleaned(written(tmp_path, text, m=drawn)).quarantine
    assert set(refused["reason"]) == {"undeclared_digit"} and len(refused) == 2


def test_rows_of_another_kind_are_told_once_and_their_cells_are_nobody_s(tmp_path):
    found = read(tmp_path, "civicrm_participant")
    told = found.quarantine[found.quarantine["reason"] == "other_kind"]
    assert told["row"].tolist() == [7, 8] and told["raw"].tolist() == ["", ""]
    cells = found.audit[found.audit["row"].isin([7, 8])]
    assert set(cells["status"]) == {"structural"}


def test_a_party_is_flagged_and_hours_that_a_system_demands_are_no_exact_figure(tmp_path):
    audit = read(tmp_path, "v4s_hours").audit.set_index(["row", "field"])
    assert audit.loc[(3, "hours"), "status"] == "flagged"
    assert audit.loc[(3, "party_size"), "rule"].endswith("party")
    assert audit.loc[(2, "hours"), ["status", "confidence"]].tolist() == ["clean", "inferred"]
    assert audit.loc[(2, "hours"), "rule"].endswith("compulsory")


def test_a_status_outside_the_list_of_its_system_is_flagged(tmp_path):
    audit = read(tmp_path, "osdi_attendance").audit.set_index(["row", "field"])
    assert audit.loc[(5, "answer"), ["value", "status"]].tolist() == ["yes", "flagged"]
    assert audit.loc[(2, "answer"), "status"] == "clean"


def test_attended_false_is_absence_only_where_the_study_says_so(tmp_path):
    text = roster("e.csv", "sign_ins", "osdi_attendance") + OUTCOME
    text += '\n[values.attend_status]\n"false" = "absent"\n'
    folder = written(tmp_path, text, "en-US", e=EXPORTS["osdi_attendance"][1])
    found = clean.rosters(study.load(folder)).records["sign_ins"]
    assert found["attend_status"].tolist() == ["attended", "absent", "absent", "attended"]


def test_every_part_of_a_split_date_stands_in_the_audit_with_the_whole(tmp_path):
    audit = read(tmp_path, "churchcrm_person").audit
    born = audit[audit["field"] == "birth_date"]
    first = born[born["row"] == 2]
    assert first["raw"].tolist() == ["3", "12", "1956"]
    assert set(first["value"]) == {"1956-03-12"} and set(first["precision"]) == {"day"}
    assert set(born.loc[born["row"] == 3, "precision"]) == {"month"}
    without_year = born[born["row"] == 5]
    assert set(without_year["rule"]) == {"birth_year_unknown"}
    assert set(without_year["status"]) == {"flagged"}


def test_two_columns_of_one_field_are_read_from_the_one_that_the_profile_prefers(tmp_path):
    audit = read(tmp_path, "enterprise_roster").audit
    other = audit[(audit["header"] == "入党时间") & (audit["row"] == 2)]
    assert other["status"].tolist() == ["structural"]


@pytest.mark.parametrize("name", ["volunteer_certificate", "v4s_hours"])
def test_third_persons_and_products_of_a_party_are_not_read(tmp_path, name):
    audit = read(tmp_path, name).audit
    unread = {"volunteer_certificate": {"负责人", "经办人"}, "v4s_hours": {"Total_Hours_Worked__c"}}
    cells = audit[audit["header"].isin(unread[name]) & (audit["row"] > 1)]
    assert len(cells) and set(cells["status"]) == {"structural"}


@given(st.integers(1900, 2022), st.integers(0, 12), st.integers(0, 28))
def test_a_date_of_three_columns_is_known_as_far_as_its_parts(year, month, day):
    born = codebook.fields()["birth_date"]
    own = source("members", profile=profiles.named("churchcrm_person"))
    read = exports.ruled(lambda text, kind: Reading(text, "date"), born, own)
    parts = [str(year), str(month), str(day)]
    [joined] = exports.joined(np.array([parts], dtype=object), born)
    known = parts if month and day else parts[:2] if month else parts[:1]
    assert read(joined, "text").value == "-".join(known)
    [unknown] = exports.joined(np.array([["0", *parts[1:]]], dtype=object), born)
    assert read(unknown, "text").value == ""
    assert read(unknown, "text").rule == ("birth_year_unknown" if month or day else "missing")


@given(st.lists(st.sampled_from([None, "Ann", "B", "Field"]), min_size=3, max_size=3))
def test_a_name_of_three_columns_has_one_blank_between_what_is_there(parts):
    [joined] = exports.joined(np.array([parts], dtype=object), codebook.fields()["name"])
    there = [part for part in parts if part]
    assert joined == (" ".join(there) if there else None)


def test_hours_are_read_by_the_rules_of_their_source():
    field = codebook.fields()["hours"]
    minutes = source("volunteers", profile=replace(profiles.named("v4s_hours"), hours=Hours("min")))
    assert rule_of(field, minutes)("90", "number").value == "1.5"
    assert rule_of(field, minutes)("2小时", "text").value == "2"
    short = replace(profiles.named("v4s_hours"), hours=Hours("hour", 6.0))
    short_days = source("volunteers", profile=short)
    assert rule_of(field, short_days)("1天2小时", "text").value == "8"
    assert rule_of(field, short_days)("半天", "text").value == "3"
    assert rule_of(field, source("volunteers"))("1天2小时", "text").value == "10"
